"""Holds what it is told, one command a line: lock PATH, try PATH, release, count PATH, election PATH."""
import sys
from kazoo.client import KazooClient
from kazoo.recipe.counter import Counter

client = KazooClient(hosts=sys.argv[1])
client.start()
held = None
print("READY", flush=True)
for line in sys.stdin:
    command, _, path = line.strip().partition(" ")
    if command == "lock":
        held = client.Lock(path, "kazoo")
        held.acquire()
        print("LOCKED", flush=True)
    elif command == "try":
        print("TRIED", client.Lock(path, "kazoo").acquire(blocking=False), flush=True)
    elif command == "read":
        held = client.ReadLock(path, "kazoo")
        held.acquire()
        print("READING", flush=True)
    elif command == "contenders":
        print("CONTENDERS", ",".join(client.Election(path).contenders()), flush=True)
    elif command == "count":
        counter = Counter(client, path)
        counter += 2
        print("COUNTED", counter.value, flush=True)
    elif command == "take":
        queue = client.LockingQueue(path)
        print("TOOK", queue.get(5).decode(), queue.consume(), flush=True)
    elif command == "release":
        held.release()
        print("RELEASED", flush=True)
client.stop()
