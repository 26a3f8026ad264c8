package interop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;

final class Leadership {
  private Leadership() {}

  static String latch(CuratorFramework one, CuratorFramework two, String path) throws Exception {
    LeaderLatch first = new LeaderLatch(one, path, "first");
    LeaderLatch second = new LeaderLatch(two, path, "second");
    first.start();
    Check.that("the first leads", first.await(10, TimeUnit.SECONDS));
    second.start();
    Check.soon("both take part", () -> second.getParticipants().size() == 2);
    Check.equal("the leader's id as the second sees it", "first", second.getLeader().getId());
    Check.that("the second does not lead", !second.hasLeadership());
    first.close();
    Check.that("the second leads after the first has left", second.await(10, TimeUnit.SECONDS));
    second.close();
    return "first, then second";
  }

  static String selector(CuratorFramework one, CuratorFramework two, String path) throws Exception {
    List<String> turns = new CopyOnWriteArrayList<>();
    CountDownLatch mayEnd = new CountDownLatch(1);
    LeaderSelector first = selector(one, path, "first", turns, mayEnd);
    LeaderSelector second = selector(two, path, "second", turns, mayEnd);
    first.start();
    Check.soon("the first is told that it leads", () -> turns.equals(List.of("first")));
    second.start();
    Check.soon("both take part", () -> first.getParticipants().size() == 2);
    Check.equal("the leader's id", "first", second.getLeader().getId());
    mayEnd.countDown();
    Check.soon("the second has its turn", () -> turns.equals(List.of("first", "second")));
    first.close();
    second.close();
    return String.join(", then ", turns);
  }

  private static LeaderSelector selector(
      CuratorFramework client, String path, String id, List<String> turns, CountDownLatch mayEnd) {
    LeaderSelector selector =
        new LeaderSelector(
            client,
            path,
            new LeaderSelectorListenerAdapter() {
              @Override
              public void takeLeadership(CuratorFramework own) throws Exception {
                turns.add(id);
                mayEnd.await();
              }
            });
    selector.setId(id);
    return selector;
  }
}
