import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** Every operation of Apache's client, once: argument 1 is host:port. The recorder of golden captures runs it. */
public class Operations {
  private static final Watcher NOBODY = event -> {};
  private static final Watcher SOMEBODY = event -> {};
  private static final byte[] DATA = {'x'};
  private static final List<ACL> OPEN = Ids.OPEN_ACL_UNSAFE;

  private interface Action {
    void run() throws Exception;
  }

  private static void fails(KeeperException.Code code, Action action) throws Exception {
    try {
      action.run();
    } catch (KeeperException error) {
      if (error.code() == code) return;
      throw error;
    }
    throw new IllegalStateException("no " + code);
  }

  public static void main(String[] args) throws Exception {
    Semaphore connected = new Semaphore(0);
    ZooKeeper zk = new ZooKeeper(args[0], 4000, event -> {
      if (event.getType() == EventType.None && event.getState() == KeeperState.SyncConnected) {
        connected.release();
      }
    });
    connected.acquire();
    zk.addAuthInfo("digest", "user:password".getBytes());
    creates(zk);
    reads(zk);
    changes(zk);
    watches(zk, connected);
    zk.whoAmI();
    Thread.sleep(3000);
    zk.close();
  }

  private static void creates(ZooKeeper zk) throws Exception {
    zk.create("/golden", "one".getBytes(), OPEN, CreateMode.PERSISTENT);
    zk.create("/golden/null", null, OPEN, CreateMode.PERSISTENT);
    zk.create("/golden/e-", DATA, OPEN, CreateMode.EPHEMERAL_SEQUENTIAL, new Stat());
    zk.create("/golden/container", DATA, OPEN, CreateMode.CONTAINER, new Stat());
    zk.create("/golden/ttl", DATA, OPEN, CreateMode.PERSISTENT_WITH_TTL, new Stat(), 600_000);
    zk.create("/golden/mine", DATA, Ids.CREATOR_ALL_ACL, CreateMode.EPHEMERAL);
    fails(KeeperException.Code.NODEEXISTS,
        () -> zk.create("/golden", DATA, OPEN, CreateMode.PERSISTENT));
  }

  private static void reads(ZooKeeper zk) throws Exception {
    zk.exists("/golden", NOBODY);
    zk.exists("/missing", false);
    zk.getData("/golden", NOBODY, new Stat());
    fails(KeeperException.Code.NONODE, () -> zk.getData("/missing", false, null));
    zk.getChildren("/golden", NOBODY);
    zk.getChildren("/golden", false, new Stat());
    zk.getAllChildrenNumber("/golden");
    zk.getEphemerals();
    zk.getEphemerals("/golden/m");
    zk.getACL("/golden/mine", new Stat());
    zk.multi(Arrays.asList(Op.getData("/golden"), Op.getChildren("/golden"), Op.getData("/missing")));
    CountDownLatch synced = new CountDownLatch(1);
    zk.sync("/golden", (rc, path, context) -> synced.countDown(), null);
    synced.await();
  }

  private static void changes(ZooKeeper zk) throws Exception {
    zk.setData("/golden", "two".getBytes(), 0);
    fails(KeeperException.Code.BADVERSION, () -> zk.setData("/golden", DATA, 7));
    zk.setACL(
        "/golden/mine",
        Arrays.asList(new ACL(Perms.READ | Perms.ADMIN, new Id("ip", "127.0.0.1"))),
        -1);
    zk.multi(Arrays.asList(
        Op.check("/golden", 1),
        Op.create("/golden/multi", DATA, OPEN, CreateMode.PERSISTENT),
        Op.create("/golden/multi/c", DATA, OPEN, CreateMode.CONTAINER),
        Op.create("/golden/multi/t", DATA, OPEN, CreateMode.PERSISTENT_WITH_TTL, 600_000),
        Op.setData("/golden/multi", DATA, 0),
        Op.delete("/golden/multi/c", -1)));
    fails(KeeperException.Code.BADVERSION, () -> zk.multi(Arrays.asList(
        Op.delete("/golden/multi/t", -1), Op.check("/golden", 99), Op.delete("/golden", -1))));
    fails(KeeperException.Code.NOTEMPTY, () -> zk.delete("/golden", -1));
    zk.delete("/golden/null", 0);
  }

  private static void watches(ZooKeeper zk, Semaphore connected) throws Exception {
    zk.addWatch("/golden", NOBODY, AddWatchMode.PERSISTENT_RECURSIVE);
    zk.create("/golden/seen", DATA, OPEN, CreateMode.PERSISTENT);
    zk.setData("/golden/seen", DATA, -1);
    zk.exists("/golden/seen", NOBODY);
    zk.exists("/golden/seen", SOMEBODY);
    zk.removeWatches("/golden/seen", NOBODY, Watcher.WatcherType.Data, false);
    zk.removeWatches("/golden/seen", SOMEBODY, Watcher.WatcherType.Data, false);
    zk.getData("/golden/seen", NOBODY, null);
    zk.removeAllWatches("/golden/seen", Watcher.WatcherType.Data, false);
    zk.exists("/golden/later", NOBODY);
    zk.getChildren("/golden", NOBODY);
    zk.getData("/golden", NOBODY, null);
    reconnect(zk, connected);
    zk.removeWatches("/golden", NOBODY, Watcher.WatcherType.Any, false);
    zk.exists("/golden/later", NOBODY);
    reconnect(zk, connected);
  }

  /** The recorder cuts the connection when it sees this request. */
  private static void reconnect(ZooKeeper zk, Semaphore connected) throws Exception {
    fails(KeeperException.Code.CONNECTIONLOSS, () -> zk.exists("/drop-the-connection", false));
    connected.acquire();
  }
}
