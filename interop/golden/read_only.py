"""kazoo on a server without a quorum: argument 1 is host:port."""
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import NotReadOnlyCallError

client = KazooClient(hosts=sys.argv[1], timeout=30.0, randomize_hosts=False, read_only=True)
client.start(timeout=20)
client.exists("/zookeeper")
client.get_children("/")
try:
    client.create("/no")
    sys.exit(1)
except NotReadOnlyCallError:
    pass
client.stop()
