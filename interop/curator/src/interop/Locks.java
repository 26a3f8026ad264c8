package interop;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.InterProcessLock;
import org.apache.curator.framework.recipes.locks.InterProcessMultiLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreMutex;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.locks.Revoker;

final class Locks {
  private Locks() {}

  static String mutex(CuratorFramework one, CuratorFramework two, String path) throws Exception {
    InterProcessMutex first = new InterProcessMutex(one, path);
    InterProcessMutex second = new InterProcessMutex(two, path);
    first.acquire();
    first.acquire();
    Check.that("the second does not get it", !tryOnce(second));
    first.release();
    Check.that("entered twice, left once: still held", !tryOnce(second));
    // It is read on another server than the one that the second has left through.
    Check.soon("who waits or holds: one", () -> first.getParticipantNodes().size() == 1);
    first.release();
    Check.that("the second gets it", second.acquire(10, TimeUnit.SECONDS));
    second.release();
    return "reentrant, one holder";
  }

  static String revocableMutex(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    InterProcessMutex first = new InterProcessMutex(one, path);
    AtomicBoolean asked = new AtomicBoolean();
    first.makeRevocable(lock -> asked.set(true));
    first.acquire();
    Revoker.attemptRevoke(two, first.getParticipantNodes().iterator().next());
    Check.soon("the holder is asked to let go", asked::get);
    first.release();
    return "the holder was asked";
  }

  static String semaphoreMutex(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    InterProcessLock first = new InterProcessSemaphoreMutex(one, path);
    InterProcessLock second = new InterProcessSemaphoreMutex(two, path);
    first.acquire();
    Check.that("the second does not get it", !tryOnce(second));
    first.release();
    Check.that("the second gets it", second.acquire(10, TimeUnit.SECONDS));
    second.release();
    return "one holder";
  }

  static String readWriteLock(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    InterProcessReadWriteLock first = new InterProcessReadWriteLock(one, path);
    InterProcessReadWriteLock second = new InterProcessReadWriteLock(two, path);
    first.readLock().acquire();
    Check.that("two readers", second.readLock().acquire(10, TimeUnit.SECONDS));
    second.readLock().release();
    Check.that("no writer beside a reader", !tryOnce(second.writeLock()));
    first.readLock().release();
    Check.that("a writer alone", second.writeLock().acquire(10, TimeUnit.SECONDS));
    Check.that("no reader beside a writer", !tryOnce(first.readLock()));
    Check.that("a writer may read", second.readLock().acquire(10, TimeUnit.SECONDS));
    second.readLock().release();
    second.writeLock().release();
    return "readers together, writers alone";
  }

  static String semaphore(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    InterProcessSemaphoreV2 first = new InterProcessSemaphoreV2(one, path, 2);
    InterProcessSemaphoreV2 second = new InterProcessSemaphoreV2(two, path, 2);
    Lease a = first.acquire();
    Lease b = second.acquire();
    Check.equal("a third lease", null, second.acquire(200, TimeUnit.MILLISECONDS));
    first.returnLease(a);
    Lease c = second.acquire(10, TimeUnit.SECONDS);
    Check.that("a lease after one was returned", c != null);
    second.returnAll(List.of(b, c));
    Check.equal("leases at the end", 0, second.getParticipantNodes().size());
    return "two leases, never three";
  }

  static String multiLock(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    InterProcessMultiLock both = new InterProcessMultiLock(one, List.of(path + "/a", path + "/b"));
    InterProcessMutex part = new InterProcessMutex(two, path + "/b");
    part.acquire();
    Check.that("not all can be had", !both.acquire(200, TimeUnit.MILLISECONDS));
    part.release();
    Check.that("all can be had", both.acquire(10, TimeUnit.SECONDS));
    Check.that("a part is held", !tryOnce(part));
    both.release();
    return "all or none";
  }

  private static boolean tryOnce(InterProcessLock lock) throws Exception {
    return lock.acquire(200, TimeUnit.MILLISECONDS);
  }
}
