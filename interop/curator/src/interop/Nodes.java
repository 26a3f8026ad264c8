package interop;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.nodes.PersistentTtlNode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

final class Nodes {
  private Nodes() {}

  static String persistentNode(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    PersistentNode node =
        new PersistentNode(one, CreateMode.EPHEMERAL, false, path, Check.bytes("here"));
    node.start();
    Check.that("created", node.waitForInitialCreate(10, TimeUnit.SECONDS));
    two.sync().forPath(path);
    long before = two.checkExists().forPath(path).getCzxid();
    two.delete().forPath(path);
    Check.soon("made again when somebody deletes it", () -> {
      Stat stat = two.checkExists().forPath(path);
      return stat != null && stat.getCzxid() != before;
    });
    Check.equal("data", "here", Check.text(two.getData().forPath(path)));
    node.close();
    Check.soon("gone with its owner", () -> two.checkExists().forPath(path) == null);
    return "made again, and gone with its owner";
  }

  static String persistentTtlNode(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    PersistentTtlNode node = new PersistentTtlNode(one, path, 600_000, Check.bytes("x"));
    node.start();
    Check.that("created", node.waitForInitialCreate(10, TimeUnit.SECONDS));
    two.sync().forPath(path);
    Check.that("seen by the other", two.checkExists().forPath(path) != null);
    node.close();
    return "created";
  }

  static String groupMember(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    GroupMember first = new GroupMember(one, path, "first", Check.bytes("1"));
    GroupMember second = new GroupMember(two, path, "second", Check.bytes("2"));
    first.start();
    second.start();
    Check.soon("two members", () -> first.getCurrentMembers().size() == 2);
    Check.equal("data", "2", Check.text(first.getCurrentMembers().get("second")));
    second.close();
    Check.soon("one member", () -> first.getCurrentMembers().size() == 1);
    first.close();
    return "joins and leaves";
  }

  /** What Curator makes parents as, where the server can. */
  static String containers(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    one.createContainers(path);
    one.create().creatingParentContainersIfNeeded().forPath(path + "/a/b", Check.bytes("1"));
    two.sync().forPath(path);
    List<String> children = two.getChildren().forPath(path);
    Check.equal("children", List.of("a"), children);
    Stat stat = two.checkExists().forPath(path);
    Check.equal("no owner is shown", 0L, stat.getEphemeralOwner());
    return "made with their parents";
  }

  static String ttl(CuratorFramework one, CuratorFramework two, String path) throws Exception {
    one.create().withTtl(600_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath(path);
    two.sync().forPath(path);
    Stat stat = two.checkExists().forPath(path);
    Check.equal("no owner is shown", 0L, stat.getEphemeralOwner());
    return "created";
  }

  static String transaction(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    var results =
        one.transaction()
            .forOperations(
                one.transactionOp().create().forPath(path, Check.bytes("1")),
                one.transactionOp().create().withMode(CreateMode.EPHEMERAL).forPath(path + "/e"),
                one.transactionOp().setData().withVersion(0).forPath(path, Check.bytes("2")),
                one.transactionOp().check().withVersion(1).forPath(path),
                one.transactionOp().delete().forPath(path + "/e"));
    two.sync().forPath(path);
    Check.refused("one of them fails", KeeperException.NoNodeException.class, () ->
        two.transaction()
            .forOperations(
                two.transactionOp().delete().forPath(path),
                two.transactionOp().check().forPath(path + "/missing")));
    Check.equal("nothing of it is done", "2", Check.text(two.getData().forPath(path)));
    return results.stream().map(r -> r.getType().name()).collect(Collectors.joining(", "));
  }

  static String protection(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    String made =
        one.create()
            .creatingParentsIfNeeded()
            .withProtection()
            .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
            .forPath(path + "/n-");
    Check.that("it bears an id: " + made, made.matches(path + "/_c_[0-9a-f-]{36}-n-0000000000"));
    two.sync().forPath(path);
    Check.equal("seen by the other", 1, two.getChildren().forPath(path).size());
    one.delete().guaranteed().forPath(made);
    two.sync().forPath(path);
    Check.refused("deleted", KeeperException.NoNodeException.class, () ->
        two.getData().forPath(made));
    return "bears an id, deleted for certain";
  }
}
