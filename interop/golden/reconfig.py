"""Other members by kazoo: argument 1 is host:port of a cluster of one server, number 1."""
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import BadVersionError, NoAuthError

JOINING = "server.2=127.0.0.1:4:5:observer;127.0.0.1:6"

client = KazooClient(hosts=sys.argv[1], timeout=30.0, randomize_hosts=False)
client.start(timeout=20)
config, _ = client.get("/zookeeper/config", watch=lambda event: None)
try:
    client.reconfig(joining=JOINING, leaving=None, new_members=None)
    sys.exit(1)
except NoAuthError:
    pass
client.add_auth("digest", "super:test")
client.reconfig(joining=JOINING, leaving=None, new_members=None)
try:
    client.reconfig(joining=None, leaving="2", new_members=None, from_config=0x7777)
    sys.exit(1)
except BadVersionError:
    pass
client.reconfig(joining=None, leaving="2", new_members=None)
client.reconfig(joining=None, leaving=None, new_members=config.decode() + "\n" + JOINING)
client.get("/zookeeper/config")
client.stop()
