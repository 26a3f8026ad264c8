"""What kazoo, the Python client, does with a cluster; prints one line of JSON with what it saw.

usage: kazoo_client.py host:port,host:port,...
"""

import json
import logging
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import BadVersionError, NodeExistsError, NoNodeError

logging.basicConfig()
seen = {}
client = KazooClient(hosts=sys.argv[1], timeout=10)
client.start(timeout=20)

seen["created"] = client.create("/kazoo", b"one")
event_seen = threading.Event()


def on_event(event):
    seen["event"] = [event.type, event.path]
    event_seen.set()


data, stat = client.get("/kazoo", watch=on_event)
seen["data"] = [data.decode(), stat.version]
seen["version"] = client.set("/kazoo", b"two").version
event_seen.wait(10)

seen["ephemeral"] = client.create("/kazoo/e-", b"", ephemeral=True, sequence=True)
seen["owner"] = client.exists(seen["ephemeral"]).ephemeralOwner == client.client_id[0]
client.ensure_path("/kazoo/deep/path")
seen["children"] = sorted(client.get_children("/kazoo"))

for name, expected, attempt in (
    ("exists", NodeExistsError, lambda: client.create("/kazoo", b"")),
    ("missing", NoNodeError, lambda: client.get("/missing")),
    ("version", BadVersionError, lambda: client.set("/kazoo", b"", version=9)),
):
    try:
        attempt()
        seen["error-" + name] = "none"
    except expected as error:
        seen["error-" + name] = type(error).__name__

transaction = client.transaction()
transaction.create("/kazoo/t", b"t")
transaction.check("/kazoo", 1)
transaction.delete("/kazoo/deep/path")
seen["transaction"] = [str(result) for result in transaction.commit()]

with client.Lock("/kazoo/lock", "me"):
    seen["locked-by"] = client.Lock("/kazoo/lock", "other").contenders()

client.delete("/kazoo", recursive=True)
seen["gone"] = client.exists("/kazoo") is None
client.stop()
client.close()
print("SEEN " + json.dumps(seen))
