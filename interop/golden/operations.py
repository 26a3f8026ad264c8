"""Every operation of kazoo, once: argument 1 is host:port. The recorder of golden captures runs it."""
import sys
import time

from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError
from kazoo.security import make_acl

client = KazooClient(hosts=sys.argv[1], timeout=4.0, randomize_hosts=False)
client.start(timeout=20)
client.add_auth("digest", "user:password")
client.create("/golden", b"one")
client.create("/golden/ephemeral", b"", ephemeral=True)
client.create("/golden/sequence-", b"", sequence=True)
client.create("/golden/\u00fc\u4e16", b"\x00\xff", include_data=True)
client.create("/golden/closed", b"x", acl=[make_acl("auth", "", all=True)])
client.exists("/golden", watch=lambda event: None)
client.exists("/missing")
client.get("/golden")
try:
    client.get("/missing")
except NoNodeError:
    pass
client.get_children("/golden", watch=lambda event: None)
client.get_children("/golden", include_data=True)
client.set("/golden", b"two", version=0)
client.get_acls("/golden/closed")
client.set_acls("/golden/closed", [make_acl("ip", "127.0.0.1", read=True, admin=True)])
client.sync("/golden")
good = client.transaction()
good.check("/golden", 1)
good.create("/golden/multi", b"m")
good.set_data("/golden/multi", b"n")
good.delete("/golden/multi", version=1)
good.commit()
bad = client.transaction()
bad.create("/golden/never", b"m")
bad.check("/golden", 7)
bad.delete("/golden/never")
bad.commit()
client.delete("/golden/ephemeral")
client.delete("/golden/closed", version=0)
time.sleep(3)
client.stop()
