import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * Every operation of Apache's client that one server answers, and its errors: argument 1 is host:port.
 * The recorder of golden captures runs it.
 */
public class Operations {
  private static final Watcher NOBODY = event -> {};
  private static final Watcher SOMEBODY = event -> {};
  private static final byte[] DATA = {'x'};
  private static final List<ACL> OPEN = Ids.OPEN_ACL_UNSAFE;

  public static void main(String[] args) throws Exception {
    refusedProof(args[0]);
    unknownSession(args[0]);
    Client.Arrival connected = new Client.Arrival(KeeperState.SyncConnected);
    ZooKeeper zk = new ZooKeeper(args[0], Client.TIMEOUT_MS, connected);
    connected.await();
    zk.addAuthInfo("digest", "user:password".getBytes());
    creates(zk);
    reads(zk);
    changes(zk);
    refusals(zk);
    quotas(zk);
    watches(zk);
    reconnects(zk, connected);
    zk.whoAmI();
    Thread.sleep(3000);
    zk.close();
    withoutReconfig(args[0]);
    inAChroot(args[0]);
  }

  /** A client that may be read-only, which no server that has a quorum is to it. */
  private static void refusedProof(String host) throws Exception {
    Client.Arrival connected = new Client.Arrival(KeeperState.SyncConnected);
    Client.Arrival refused = new Client.Arrival(KeeperState.AuthFailed);
    Watcher both =
        event -> {
          connected.process(event);
          refused.process(event);
        };
    ZooKeeper zk = new ZooKeeper(host, Client.TIMEOUT_MS, both, true);
    connected.await();
    zk.addAuthInfo("nonsense", DATA);
    refused.await();
    zk.close();
  }

  private static void unknownSession(String host) throws Exception {
    Client.Arrival expired = new Client.Arrival(KeeperState.Expired);
    ZooKeeper zk = new ZooKeeper(host, Client.TIMEOUT_MS, expired, 0x1234567L, new byte[16]);
    expired.await();
    zk.close();
  }

  private static void creates(ZooKeeper zk) throws Exception {
    zk.create("/golden", "one".getBytes(), OPEN, CreateMode.PERSISTENT);
    zk.create("/golden/null", null, OPEN, CreateMode.PERSISTENT);
    zk.create("/golden/s-", DATA, OPEN, CreateMode.PERSISTENT_SEQUENTIAL);
    zk.create("/golden/e-", DATA, OPEN, CreateMode.EPHEMERAL_SEQUENTIAL, new Stat());
    zk.create("/golden/container", DATA, OPEN, CreateMode.CONTAINER, new Stat());
    zk.create("/golden/ttl", DATA, OPEN, CreateMode.PERSISTENT_WITH_TTL, new Stat(), 600_000);
    zk.create(
        "/golden/t-", DATA, OPEN, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, new Stat(), 600_000);
    zk.create("/golden/mine", DATA, Ids.CREATOR_ALL_ACL, CreateMode.EPHEMERAL);
  }

  private static void reads(ZooKeeper zk) throws Exception {
    zk.exists("/golden", NOBODY);
    zk.exists("/missing", false);
    zk.getData("/golden", NOBODY, new Stat());
    zk.getData("/golden/null", false, new Stat());
    zk.getConfig(false, new Stat());
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
    Client.fails(Code.BADVERSION, () -> zk.multi(Arrays.asList(
        Op.delete("/golden/multi/t", -1), Op.check("/golden", 99), Op.delete("/golden", -1))));
    zk.delete("/golden/null", 0);
  }

  private static void refusals(ZooKeeper zk) throws Exception {
    List<ACL> nobodys = Collections.singletonList(new ACL(Perms.ALL, new Id("digest", "a:b")));
    List<ACL> noScheme = Collections.singletonList(new ACL(Perms.ALL, new Id("nonsense", "x")));
    zk.create("/golden/theirs", DATA, nobodys, CreateMode.PERSISTENT);
    zk.create("/golden/passing", DATA, OPEN, CreateMode.EPHEMERAL);
    CreateMode mode = CreateMode.PERSISTENT;
    Client.fails(Code.NODEEXISTS, () -> zk.create("/golden", DATA, OPEN, mode));
    Client.fails(Code.NONODE, () -> zk.create("/missing/child", DATA, OPEN, mode));
    Client.fails(Code.INVALIDACL, () -> zk.create("/golden/wrong", DATA, noScheme, mode));
    Client.fails(
        Code.NOCHILDRENFOREPHEMERALS, () -> zk.create("/golden/passing/child", DATA, OPEN, mode));
    Client.fails(Code.NONODE, () -> zk.getData("/missing", false, null));
    Client.fails(Code.NOAUTH, () -> zk.getData("/golden/theirs", false, null));
    Client.fails(Code.NOAUTH, () -> zk.setACL("/golden/theirs", OPEN, -1));
    Client.fails(Code.BADVERSION, () -> zk.setData("/golden", DATA, 7));
    Client.fails(Code.BADVERSION, () -> zk.delete("/golden/ttl", 7));
    Client.fails(Code.NOTEMPTY, () -> zk.delete("/golden", -1));
    Client.fails(Code.BADARGUMENTS, () -> zk.delete("/zookeeper", -1));
    Client.fails(Code.NONODE, () -> zk.getAllChildrenNumber("/missing"));
  }

  /** Three bytes below /golden/small and no more. */
  private static void quotas(ZooKeeper zk) throws Exception {
    String quota = "/zookeeper/quota/golden/small";
    byte[] limits = "count=-1,bytes=-1=;byteHardLimit=3;countHardLimit=-1".getBytes();
    zk.create("/golden/small", DATA, OPEN, CreateMode.PERSISTENT);
    zk.create("/zookeeper/quota/golden", null, OPEN, CreateMode.PERSISTENT);
    zk.create(quota, null, OPEN, CreateMode.PERSISTENT);
    zk.create(quota + "/zookeeper_limits", limits, OPEN, CreateMode.PERSISTENT);
    zk.create(quota + "/zookeeper_stats", "count=0,bytes=0".getBytes(), OPEN, CreateMode.PERSISTENT);
    zk.setData("/golden/small", new byte[3], -1);
    Client.fails(Code.QUOTAEXCEEDED, () -> zk.setData("/golden/small", new byte[4], -1));
    zk.getData(quota + "/zookeeper_stats", false, new Stat());
  }

  private static void watches(ZooKeeper zk) throws Exception {
    zk.addWatch("/golden", NOBODY, AddWatchMode.PERSISTENT_RECURSIVE);
    zk.addWatch("/golden", NOBODY, AddWatchMode.PERSISTENT);
    zk.create("/golden/seen", DATA, OPEN, CreateMode.PERSISTENT);
    zk.setData("/golden/seen", DATA, -1);
    zk.exists("/golden/seen", NOBODY);
    zk.exists("/golden/seen", SOMEBODY);
    zk.removeWatches("/golden/seen", NOBODY, WatcherType.Data, false);
    zk.removeWatches("/golden/seen", SOMEBODY, WatcherType.Data, false);
    zk.getChildren("/golden/seen", NOBODY);
    zk.removeWatches("/golden/seen", NOBODY, WatcherType.Children, false);
    zk.getData("/golden/seen", NOBODY, null);
    zk.removeAllWatches("/golden/seen", WatcherType.Data, false);
    zk.getChildren("/golden/seen", NOBODY);
    zk.removeAllWatches("/golden/seen", WatcherType.Children, false);
    zk.removeWatches("/golden", NOBODY, WatcherType.Persistent, false);
    zk.removeWatches("/golden", NOBODY, WatcherType.PersistentRecursive, false);
    zk.addWatch("/golden/seen", NOBODY, AddWatchMode.PERSISTENT_RECURSIVE);
    zk.removeAllWatches("/golden/seen", WatcherType.PersistentRecursive, false);
    zk.addWatch("/golden/seen", NOBODY, AddWatchMode.PERSISTENT);
    zk.removeAllWatches("/golden/seen", WatcherType.Persistent, false);
    zk.exists("/golden/seen", NOBODY);
    zk.removeAllWatches("/golden/seen", WatcherType.Any, false);
    zk.delete("/golden/seen", -1);
  }

  private static void reconnects(ZooKeeper zk, Client.Arrival connected) throws Exception {
    zk.addWatch("/golden/ttl", NOBODY, AddWatchMode.PERSISTENT_RECURSIVE);
    zk.addWatch("/golden/ttl", NOBODY, AddWatchMode.PERSISTENT);
    zk.exists("/golden/later", NOBODY);
    zk.getChildren("/golden", NOBODY);
    zk.getData("/golden", NOBODY, null);
    reconnect(zk, connected);
    zk.removeWatches("/golden/ttl", NOBODY, WatcherType.Any, false);
    zk.exists("/golden/later", NOBODY);
    reconnect(zk, connected);
  }

  /** The recorder cuts the connection when it sees this request. */
  private static void reconnect(ZooKeeper zk, Client.Arrival connected) throws Exception {
    Client.fails(Code.CONNECTIONLOSS, () -> zk.exists("/drop-the-connection", false));
    connected.await();
  }

  private static void withoutReconfig(String host) throws Exception {
    Client.Arrival connected = new Client.Arrival(KeeperState.SyncConnected);
    ZooKeeperAdmin admin = new ZooKeeperAdmin(host, Client.TIMEOUT_MS, connected);
    connected.await();
    Client.fails(
        Code.RECONFIGDISABLED, () -> admin.reconfigure(null, "2", null, -1, new Stat()));
    admin.close();
  }

  private static void inAChroot(String host) throws Exception {
    Client.Arrival connected = new Client.Arrival(KeeperState.SyncConnected);
    ZooKeeper zk = new ZooKeeper(host + "/golden/multi", Client.TIMEOUT_MS, connected);
    connected.await();
    zk.create("/inside", DATA, OPEN, CreateMode.EPHEMERAL);
    zk.getChildren("/", false);
    zk.getEphemerals("/");
    zk.close();
  }
}
