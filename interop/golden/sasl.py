"""kazoo proves by SASL who it is: argument 1 is host:port."""
import sys

from kazoo.client import KazooClient
from kazoo.security import make_acl

client = KazooClient(
    hosts=sys.argv[1],
    timeout=30.0,
    randomize_hosts=False,
    sasl_options={"mechanism": "DIGEST-MD5", "username": "ann", "password": "secret"},
)
client.start(timeout=20)
client.create("/own", b"x", acl=[make_acl("sasl", "ann", all=True)], ephemeral=True)
client.get("/own")
client.stop()
