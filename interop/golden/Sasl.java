import java.util.Collections;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * A client that proves by SASL who it is, and one that can't: argument 1 is host:port. Its JAAS file has
 * the entries Right and Wrong. The recorder of golden captures runs it.
 */
public class Sasl {
  public static void main(String[] args) throws Exception {
    Client.Arrival refused = new Client.Arrival(KeeperState.AuthFailed);
    ZooKeeper stranger = connect(args[0], "Wrong", refused);
    refused.await();
    stranger.close();
    Client.Arrival proved = new Client.Arrival(KeeperState.SaslAuthenticated);
    ZooKeeper zk = connect(args[0], "Right", proved);
    proved.await();
    ACL own = new ACL(Perms.ALL, new Id("sasl", "ann"));
    zk.create("/own", new byte[1], Collections.singletonList(own), CreateMode.EPHEMERAL);
    zk.getData("/own", false, new Stat());
    zk.getACL("/own", new Stat());
    zk.whoAmI();
    zk.close();
  }

  private static ZooKeeper connect(String host, String entry, Watcher watcher) throws Exception {
    ZKClientConfig config = new ZKClientConfig();
    config.setProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, entry);
    return new ZooKeeper(host, Client.TIMEOUT_MS, watcher, config);
  }
}
