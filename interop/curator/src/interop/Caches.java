package interop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.cache.NodeCache;
import org.apache.curator.framework.recipes.cache.PathChildrenCache;
import org.apache.curator.framework.recipes.cache.TreeCache;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;

@SuppressWarnings("deprecation")
final class Caches {
  private Caches() {}

  static String nodeCache(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    NodeCache cache = new NodeCache(one, path);
    cache.start(true);
    Check.equal("nothing yet", null, cache.getCurrentData());
    two.create().forPath(path, Check.bytes("a"));
    Check.soon("created", () -> "a".equals(dataOf(cache.getCurrentData())));
    two.setData().forPath(path, Check.bytes("b"));
    Check.soon("changed", () -> "b".equals(dataOf(cache.getCurrentData())));
    two.delete().forPath(path);
    Check.soon("deleted", () -> cache.getCurrentData() == null);
    cache.close();
    return "created, changed, deleted";
  }

  static String pathChildrenCache(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    two.create().forPath(path);
    two.create().forPath(path + "/old", Check.bytes("0"));
    one.sync().forPath(path);
    List<String> events = new CopyOnWriteArrayList<>();
    PathChildrenCache cache = new PathChildrenCache(one, path, true);
    cache.getListenable().addListener((client, event) -> events.add(event.getType().name()));
    cache.start(PathChildrenCache.StartMode.BUILD_INITIAL_CACHE);
    Check.equal("children at the start", 1, cache.getCurrentData().size());
    two.create().forPath(path + "/new", Check.bytes("1"));
    Check.soon("added", () -> events.contains("CHILD_ADDED"));
    two.setData().forPath(path + "/new", Check.bytes("2"));
    Check.soon("updated", () -> events.contains("CHILD_UPDATED"));
    Check.equal("data", "2", dataOf(cache.getCurrentData(path + "/new")));
    two.delete().forPath(path + "/old");
    Check.soon("removed", () -> events.contains("CHILD_REMOVED"));
    cache.close();
    return String.join(", ", events);
  }

  static String treeCache(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    two.create().creatingParentsIfNeeded().forPath(path + "/a/b", Check.bytes("1"));
    one.sync().forPath(path);
    CountDownLatch initialized = new CountDownLatch(1);
    TreeCache cache = new TreeCache(one, path);
    cache.getListenable().addListener((client, event) -> {
      if (event.getType().name().equals("INITIALIZED")) initialized.countDown();
    });
    cache.start();
    Check.that("initialized", initialized.await(10, TimeUnit.SECONDS));
    Check.equal("what was there", "1", dataOf(cache.getCurrentData(path + "/a/b")));
    two.create().forPath(path + "/a/c", Check.bytes("2"));
    Check.soon("added below", () -> "2".equals(dataOf(cache.getCurrentData(path + "/a/c"))));
    two.delete().deletingChildrenIfNeeded().forPath(path + "/a");
    Check.soon("gone below", () -> cache.getCurrentChildren(path).isEmpty());
    cache.close();
    return "grows and shrinks with the tree";
  }

  /** Stands on one persistent recursive watch. */
  static String curatorCache(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    two.create().creatingParentsIfNeeded().forPath(path + "/a/b", Check.bytes("1"));
    one.sync().forPath(path);
    List<String> events = new CopyOnWriteArrayList<>();
    CountDownLatch initialized = new CountDownLatch(1);
    CuratorCache cache = CuratorCache.build(one, path);
    cache.listenable().addListener(
        CuratorCacheListener.builder()
            .forCreates(node -> events.add("created " + below(path, node.getPath())))
            .forChanges((old, node) -> events.add("changed " + below(path, node.getPath())))
            .forDeletes(node -> events.add("deleted " + below(path, node.getPath())))
            .forInitialized(initialized::countDown)
            .build());
    cache.start();
    Check.that("initialized", initialized.await(10, TimeUnit.SECONDS));
    Check.equal("what was there", 3, cache.size());
    events.clear();
    two.create().forPath(path + "/a/c", Check.bytes("2"));
    two.setData().forPath(path + "/a/b", Check.bytes("3"));
    two.delete().forPath(path + "/a/c");
    Check.soon("deleted in the end", () -> events.contains("deleted /a/c"));
    Check.soon("data", () -> "3".equals(dataOf(cache.get(path + "/a/b").orElse(null))));
    cache.close();
    // What one listener hears of different znodes may come in another order: data is read first.
    return events.stream().sorted().collect(Collectors.joining(", "));
  }

  static String persistentWatcher(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    List<String> events = new CopyOnWriteArrayList<>();
    CountDownLatch isSet = new CountDownLatch(1);
    PersistentWatcher watcher = new PersistentWatcher(one, path, true);
    watcher.getResetListenable().addListener(isSet::countDown);
    watcher.getListenable().addListener(
        event -> events.add(event.getType() + " " + below(path, event.getPath())));
    watcher.start();
    Check.that("set", isSet.await(10, TimeUnit.SECONDS));
    two.create().creatingParentsIfNeeded().forPath(path + "/a/b");
    two.setData().forPath(path + "/a", Check.bytes("1"));
    two.setData().forPath(path + "/a", Check.bytes("2"));
    two.delete().forPath(path + "/a/b");
    Check.soon("all events", () -> events.size() >= 6);
    watcher.close();
    return String.join(", ", events);
  }

  private static String dataOf(ChildData node) {
    return node == null ? null : Check.text(node.getData());
  }

  private static String below(String path, String child) {
    return child.equals(path) ? "/" : child.substring(path.length());
  }
}
