package interop;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.CachedAtomicLong;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicInteger;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.atomic.PromotedToLock;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.recipes.shared.SharedValue;
import org.apache.curator.retry.RetryNTimes;

final class Counters {
  private static final RetryNTimes RETRIES = new RetryNTimes(20, 5);

  private Counters() {}

  static String sharedCount(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    SharedCount first = new SharedCount(one, path, 7);
    SharedCount second = new SharedCount(two, path, 0);
    first.start();
    second.start();
    Check.soon("both start with what the first set", () -> second.getCount() == 7);
    Check.that("set", first.trySetCount(first.getVersionedValue(), 8));
    Check.soon("the second is told", () -> second.getCount() == 8);
    second.setCount(9);
    Check.soon("so is the first", () -> first.getCount() == 9);
    first.close();
    second.close();
    return "7, 8, 9";
  }

  static String sharedValue(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    SharedValue first = new SharedValue(one, path, Check.bytes("a"));
    SharedValue second = new SharedValue(two, path, Check.bytes("b"));
    first.start();
    second.start();
    var seen = second.getVersionedValue();
    first.setValue(Check.bytes("c"));
    Check.soon("the second is told", () -> "c".equals(Check.text(second.getValue())));
    Check.that("an old version is refused", !second.trySetValue(seen, Check.bytes("d")));
    first.close();
    second.close();
    return "an old version is refused";
  }

  static String atomicLong(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    DistributedAtomicLong first = new DistributedAtomicLong(one, path, RETRIES);
    DistributedAtomicLong second = new DistributedAtomicLong(two, path, RETRIES);
    Check.that("initialized", first.initialize(5L));
    Thread other = new Thread(() -> add(second, 100));
    other.start();
    add(first, 100);
    other.join();
    two.sync().forPath(path);
    AtomicValue<Long> sum = second.get();
    Check.equal("every increment counted", 205L, sum.postValue());
    Check.that("compared and set", first.compareAndSet(205L, 1L).succeeded());
    Check.that("compared and not set", !first.compareAndSet(205L, 2L).succeeded());
    CachedAtomicLong cached = new CachedAtomicLong(first, 10);
    Check.equal("from the cache", 2L, cached.next().preValue() + 1);
    return "205 after two hundred increments";
  }

  private static void add(DistributedAtomicLong counter, int times) {
    for (int done = 0; done < times; ) {
      try {
        if (counter.increment().succeeded()) done++;
      } catch (Exception error) {
        throw new IllegalStateException(error);
      }
    }
  }

  static String atomicIntegerWithLock(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    PromotedToLock lock =
        PromotedToLock.builder().lockPath(path + "-lock").retryPolicy(RETRIES).build();
    DistributedAtomicInteger first = new DistributedAtomicInteger(one, path, RETRIES, lock);
    DistributedAtomicInteger second = new DistributedAtomicInteger(two, path, RETRIES, lock);
    first.forceSet(3);
    two.sync().forPath(path);
    Check.equal("subtracted", 1, second.subtract(2).postValue());
    Check.equal("added", 11, second.add(10).postValue());
    return "3, 1, 11";
  }

  static String queue(CuratorFramework one, CuratorFramework two, String path) throws Exception {
    SimpleDistributedQueue in = new SimpleDistributedQueue(one, path);
    SimpleDistributedQueue out = new SimpleDistributedQueue(two, path);
    for (String item : new String[] {"a", "b", "c"}) in.offer(Check.bytes(item));
    StringBuilder taken = new StringBuilder();
    for (int i = 0; i < 3; i++) taken.append(Check.text(out.take()));
    Check.equal("nothing left", null, out.poll());
    return taken.toString();
  }
}
