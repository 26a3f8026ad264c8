package interop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;

final class Barriers {
  private Barriers() {}

  static String barrier(CuratorFramework one, CuratorFramework two, String path) throws Exception {
    DistributedBarrier keeper = new DistributedBarrier(one, path);
    DistributedBarrier waiter = new DistributedBarrier(two, path);
    keeper.setBarrier();
    two.sync().forPath(path);
    Check.that("it holds", !waiter.waitOnBarrier(200, TimeUnit.MILLISECONDS));
    CompletableFuture<Boolean> passed =
        CompletableFuture.supplyAsync(Futures.of(() -> waiter.waitOnBarrier(10, TimeUnit.SECONDS)));
    keeper.removeBarrier();
    Check.that("who waits passes once it is removed", passed.get(15, TimeUnit.SECONDS));
    return "held, then let through";
  }

  static String doubleBarrier(CuratorFramework one, CuratorFramework two, String path)
      throws Exception {
    DistributedDoubleBarrier first = new DistributedDoubleBarrier(one, path, 2);
    DistributedDoubleBarrier second = new DistributedDoubleBarrier(two, path, 2);
    CompletableFuture<Boolean> entered =
        CompletableFuture.supplyAsync(Futures.of(() -> first.enter(10, TimeUnit.SECONDS)));
    Check.that("one alone waits", !entered.isDone());
    Check.that("the second enters", second.enter(10, TimeUnit.SECONDS));
    Check.that("so does the first", entered.get(15, TimeUnit.SECONDS));
    CompletableFuture<Boolean> left =
        CompletableFuture.supplyAsync(Futures.of(() -> first.leave(10, TimeUnit.SECONDS)));
    Check.that("the second leaves", second.leave(10, TimeUnit.SECONDS));
    Check.that("so does the first", left.get(15, TimeUnit.SECONDS));
    return "entered together, left together";
  }
}
