"""Does with kazoo's recipes what it is told: a command comes in a line, and the answer goes out in one."""
import sys
from kazoo.client import KazooClient
from kazoo.recipe.counter import Counter

PATIENCE_S = 20

client = KazooClient(hosts=sys.argv[1])
client.start()
held = {}


def hold(path, lock):
    held[path] = lock
    return "ACQUIRED" if lock.acquire(timeout=PATIENCE_S) else "NOT IN TIME"


def lead(path):
    """kazoo's elections hold what they lead with as long as a function runs."""
    led = []
    client.Election(path, "kazoo").run(lambda: led.append(True))
    return "LED %s" % led


def count(path, delta):
    counter = Counter(client, path)
    counter += int(delta)
    return "COUNTED %d" % counter.value


def take(path):
    queue = client.LockingQueue(path)
    return "TOOK %s %s" % (queue.get(5).decode(), queue.consume())


def put(path, item, priority):
    client.LockingQueue(path).put(item.encode(), priority=int(priority))
    return "PUT"


def meet(path):
    both = client.DoubleBarrier(path, 2)
    both.enter()
    both.leave()
    return "MET"


def join(path, identifier):
    party = client.Party(path, identifier)
    party.join()
    held[path] = party
    return "JOINED"


def leave(path):
    held.pop(path).leave()
    return "LEFT"


def release(path):
    held.pop(path).release()
    return "RELEASED"


def create(path):
    client.Barrier(path).create()
    return "RAISED"


def remove(path):
    client.Barrier(path).remove()
    return "LIFTED"


def obey(command, path, *words):
    if command == "lock":
        return hold(path, client.Lock(path, "kazoo"))
    if command == "try":
        return "TRIED %s" % client.Lock(path, "kazoo").acquire(blocking=False)
    if command == "read":
        return hold(path, client.ReadLock(path, "kazoo"))
    if command == "write":
        return hold(path, client.WriteLock(path, "kazoo"))
    if command == "lease":
        return hold(path, client.Semaphore(path, "kazoo", max_leases=int(words[0])))
    if command == "trylease":
        semaphore = client.Semaphore(path, "kazoo", max_leases=int(words[0]))
        return "TRIED %s" % semaphore.acquire(blocking=False)
    if command == "contenders":
        return "CONTENDERS %s" % ",".join(client.Election(path).contenders())
    if command == "members":
        return "MEMBERS %s" % ",".join(sorted(client.Party(path)))
    if command == "wait":
        return "WAITED %s" % client.Barrier(path).wait(PATIENCE_S)
    functions = dict(lead=lead, count=count, take=take, put=put, meet=meet, join=join, leave=leave,
                     release=release, create=create, remove=remove)
    return functions[command](path, *words)


print("READY", flush=True)
for line in sys.stdin:
    try:
        print(obey(*line.split()), flush=True)
    except Exception as error:
        print("FAILED", repr(error), flush=True)
client.stop()
