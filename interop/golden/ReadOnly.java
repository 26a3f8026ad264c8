import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/**
 * A client that can do with a server that has no quorum: argument 1 is host:port. The recorder of golden
 * captures runs it.
 */
public class ReadOnly {
  public static void main(String[] args) throws Exception {
    Client.Arrival connected = new Client.Arrival(KeeperState.ConnectedReadOnly);
    ZooKeeper zk = new ZooKeeper(args[0], 30_000, connected, true);
    connected.await();
    zk.exists("/zookeeper", event -> {});
    zk.getData("/", false, new Stat());
    zk.getChildren("/", false);
    Client.fails(
        Code.NOTREADONLY,
        () -> zk.create("/no", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Client.fails(Code.NOTREADONLY, () -> zk.setData("/zookeeper", null, -1));
    Client.fails(Code.NOTREADONLY, () -> zk.delete("/no", -1));
    Client.fails(Code.NOTREADONLY, () -> zk.multi(Arrays.asList(Op.check("/", -1))));
    CountDownLatch synced = new CountDownLatch(1);
    AtomicInteger answer = new AtomicInteger();
    zk.sync(
        "/",
        (rc, path, context) -> {
          answer.set(rc);
          synced.countDown();
        },
        null);
    synced.await();
    if (answer.get() != Code.NOTREADONLY.intValue()) throw new IllegalStateException("synced");
    zk.close();
  }
}
