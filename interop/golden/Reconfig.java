import java.util.concurrent.Semaphore;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.Stat;

/**
 * Other members, and who they are: argument 1 is host:port of a cluster of one server, number 1. The
 * recorder of golden captures runs it.
 */
public class Reconfig {
  private static final String JOINING = "server.2=127.0.0.1:4:5:observer;127.0.0.1:6";
  private static final int ANY = -1;

  public static void main(String[] args) throws Exception {
    Client.Arrival connected = new Client.Arrival(KeeperState.SyncConnected);
    ZooKeeperAdmin admin = new ZooKeeperAdmin(args[0], Client.TIMEOUT_MS, connected);
    connected.await();
    Semaphore changed = new Semaphore(0);
    byte[] first = admin.getConfig(
        event -> {
          if (event.getType() == EventType.NodeDataChanged) changed.release();
        },
        new Stat());
    Client.fails(Code.NOAUTH, () -> admin.reconfigure(JOINING, null, null, ANY, new Stat()));
    admin.addAuthInfo("digest", "super:test".getBytes());
    admin.reconfigure(JOINING, null, null, ANY, new Stat());
    changed.acquire();
    admin.getConfig(false, new Stat());
    Client.fails(Code.BADVERSION, () -> admin.reconfigure(null, "2", null, 0x7777, new Stat()));
    Client.fails(
        Code.BADARGUMENTS,
        () -> admin.reconfigure("server.3=127.0.0.1:4", null, null, ANY, new Stat()));
    Client.fails(Code.BADARGUMENTS, () -> admin.reconfigure(null, "1", null, ANY, new Stat()));
    admin.reconfigure(null, "2", null, ANY, new Stat());
    // The version of the first one does no harm among the members.
    String members = new String(first) + "\n" + JOINING;
    admin.reconfigure(null, null, members, ANY, new Stat());
    admin.reconfigure(JOINING.replace("6", "7"), "2", null, ANY, new Stat());
    admin.getConfig(false, new Stat());
    admin.close();
  }
}
