package interop;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;

/**
 * Exercises Curator's recipes on a running cluster, one after the other, and prints a line for each:
 * "ok NAME: what was seen" or "FAILED NAME: why". Exit code 1 when one failed.
 *
 * Arguments: CONNECT_STRING_ONE CONNECT_STRING_TWO [NAME...], of two clients that should be on different
 * servers, and the recipes to run (all).
 */
public final class Main {
  private static final int SESSION_TIMEOUT_MS = 15_000;
  private static final int CONNECTION_TIMEOUT_MS = 15_000;

  private Main() {}

  public static void main(String[] arguments) {
    CuratorFramework one = connect(arguments[0]);
    CuratorFramework two = connect(arguments[1]);
    Map<String, Recipe> chosen = recipes();
    if (arguments.length > 2) {
      chosen.keySet().retainAll(java.util.List.of(arguments).subList(2, arguments.length));
    }
    int failed = 0;
    for (Map.Entry<String, Recipe> entry : chosen.entrySet()) {
      if (!runOne(entry.getKey(), entry.getValue(), one, two)) failed++;
    }
    two.close();
    one.close();
    System.out.println(chosen.size() - failed + " recipes passed, " + failed + " failed");
    System.exit(failed == 0 ? 0 : 1);
  }

  private static Map<String, Recipe> recipes() {
    Map<String, Recipe> all = new LinkedHashMap<>();
    all.put("LeaderLatch", Leadership::latch);
    all.put("LeaderSelector", Leadership::selector);
    all.put("InterProcessMutex", Locks::mutex);
    all.put("InterProcessMutex-revocable", Locks::revocableMutex);
    all.put("InterProcessSemaphoreMutex", Locks::semaphoreMutex);
    all.put("InterProcessReadWriteLock", Locks::readWriteLock);
    all.put("InterProcessSemaphoreV2", Locks::semaphore);
    all.put("InterProcessMultiLock", Locks::multiLock);
    all.put("DistributedBarrier", Barriers::barrier);
    all.put("DistributedDoubleBarrier", Barriers::doubleBarrier);
    all.put("NodeCache", Caches::nodeCache);
    all.put("PathChildrenCache", Caches::pathChildrenCache);
    all.put("TreeCache", Caches::treeCache);
    all.put("CuratorCache", Caches::curatorCache);
    all.put("PersistentWatcher", Caches::persistentWatcher);
    all.put("PersistentNode", Nodes::persistentNode);
    all.put("PersistentTtlNode", Nodes::persistentTtlNode);
    all.put("GroupMember", Nodes::groupMember);
    all.put("containers", Nodes::containers);
    all.put("ttl", Nodes::ttl);
    all.put("transaction", Nodes::transaction);
    all.put("protection", Nodes::protection);
    all.put("SharedCount", Counters::sharedCount);
    all.put("SharedValue", Counters::sharedValue);
    all.put("DistributedAtomicLong", Counters::atomicLong);
    all.put("DistributedAtomicInteger-lock", Counters::atomicIntegerWithLock);
    all.put("SimpleDistributedQueue", Counters::queue);
    return all;
  }

  private static CuratorFramework connect(String connectString) {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(
            connectString, SESSION_TIMEOUT_MS, CONNECTION_TIMEOUT_MS, new RetryNTimes(5, 100));
    client.start();
    return client;
  }

  private static boolean runOne(
      String name, Recipe recipe, CuratorFramework one, CuratorFramework two) {
    try {
      String seen = recipe.run(one, two, "/recipe-" + name);
      System.out.println("ok " + name + ": " + seen);
      return true;
    } catch (Exception | AssertionError error) {
      System.out.println("FAILED " + name + ": " + error);
      return false;
    }
  }
}
