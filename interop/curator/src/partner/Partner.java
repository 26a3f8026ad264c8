package partner;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.recipes.shared.SharedValue;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;

/** Does with Curator's recipes what it is told: a command comes in a line, and the answer goes out in one. */
public final class Partner {
  private static final int PATIENCE_S = 20;

  private final CuratorFramework client;
  /** What is held, by the path. */
  private final Map<String, Closeable> held = new HashMap<>();

  private Partner(CuratorFramework client) {
    this.client = client;
  }

  public static void main(String[] args) throws Exception {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(args[0], 10_000, 10_000, new RetryNTimes(20, 50));
    client.start();
    client.blockUntilConnected();
    Partner partner = new Partner(client);
    say("READY");
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        say(partner.obey(line.split(" ")));
      } catch (Exception error) {
        say("FAILED " + error);
      }
    }
    client.close();
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private String obey(String[] words) throws Exception {
    String path = words[1];
    switch (words[0]) {
      case "lock":
        return acquire(path, new InterProcessMutex(client, path));
      case "try":
        return "TRIED " + new InterProcessMutex(client, path).acquire(50, TimeUnit.MILLISECONDS);
      case "read":
        return acquire(path, new InterProcessReadWriteLock(client, path).readLock());
      case "write":
        return acquire(path, new InterProcessReadWriteLock(client, path).writeLock());
      case "lease":
        return lease(path, Integer.parseInt(words[2]));
      case "latch":
        return latch(path, words[2]);
      case "select":
        return select(path);
      case "leader":
        return "LEADER " + leader(path);
      case "count":
        return count(path, Integer.parseInt(words[2]));
      case "long":
        DistributedAtomicLong number =
            new DistributedAtomicLong(client, path, new RetryNTimes(20, 5));
        return "COUNTED " + number.add(Long.parseLong(words[2])).postValue();
      case "value":
        return value(path, words[2]);
      case "raise":
        new DistributedBarrier(client, path).setBarrier();
        return "RAISED";
      case "lift":
        new DistributedBarrier(client, path).removeBarrier();
        return "LIFTED";
      case "wait":
        return "WAITED " + new DistributedBarrier(client, path).waitOnBarrier(PATIENCE_S, TimeUnit.SECONDS);
      case "meet":
        DistributedDoubleBarrier both = new DistributedDoubleBarrier(client, path, 2);
        boolean entered = both.enter(PATIENCE_S, TimeUnit.SECONDS);
        return "MET " + entered + " " + both.leave(PATIENCE_S, TimeUnit.SECONDS);
      case "join":
        GroupMember member = new GroupMember(client, path, words[2], bytes(words[3]));
        member.start();
        held.put(path, member);
        return "JOINED";
      case "members":
        return "MEMBERS " + members(path);
      case "register":
        return register(path, words[2], words[3]);
      case "discover":
        return discover(path, words[2]);
      case "release":
        held.remove(path).close();
        return "RELEASED";
      default:
        return "what is " + words[0] + "?";
    }
  }

  private String acquire(String path, InterProcessLock lock) throws Exception {
    if (!lock.acquire(PATIENCE_S, TimeUnit.SECONDS)) return "NOT IN TIME";
    held.put(path, () -> release(lock));
    return "ACQUIRED";
  }

  private static void release(InterProcessLock lock) {
    try {
      lock.release();
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }

  private String lease(String path, int leases) throws Exception {
    Lease lease = new InterProcessSemaphoreV2(client, path, leases).acquire(PATIENCE_S, TimeUnit.SECONDS);
    if (lease == null) return "NOT IN TIME";
    held.put(path, lease);
    return "ACQUIRED";
  }

  private String latch(String path, String id) throws Exception {
    LeaderLatch latch = new LeaderLatch(client, path, id);
    latch.start();
    if (!latch.await(PATIENCE_S, TimeUnit.SECONDS)) return "NOT IN TIME";
    held.put(path, latch);
    return "ACQUIRED";
  }

  /** Leads for a moment. */
  private String select(String path) throws Exception {
    var done = new java.util.concurrent.CountDownLatch(1);
    try (LeaderSelector selector =
        new LeaderSelector(client, path, new LeaderSelectorListenerAdapter() {
          @Override
          public void takeLeadership(CuratorFramework framework) {
            done.countDown();
          }
        })) {
      selector.start();
      return "SELECTED " + done.await(PATIENCE_S, TimeUnit.SECONDS);
    }
  }

  private String leader(String path) throws Exception {
    LeaderLatch latch = new LeaderLatch(client, path, "observer");
    return latch.getLeader().getId();
  }

  private String count(String path, int delta) throws Exception {
    try (SharedCount count = new SharedCount(client, path, 0)) {
      count.start();
      while (!count.trySetCount(count.getVersionedValue(), count.getCount() + delta)) {
        Thread.sleep(10);
      }
      return "COUNTED " + count.getCount();
    }
  }

  /** Replaces it, and tells what it was. */
  private String value(String path, String after) throws Exception {
    try (SharedValue value = new SharedValue(client, path, bytes("none"))) {
      value.start();
      String before = new String(value.getValue(), StandardCharsets.UTF_8);
      value.setValue(bytes(after));
      return "WAS " + before;
    }
  }

  private String members(String path) throws Exception {
    TreeSet<String> names = new TreeSet<>();
    for (String name : client.getChildren().forPath(path)) {
      byte[] data = client.getData().forPath(path + "/" + name);
      names.add(name + "=" + new String(data, StandardCharsets.UTF_8));
    }
    return String.join(",", names);
  }

  private ServiceDiscovery<Payload> discovery(String path) throws Exception {
    ServiceDiscovery<Payload> discovery =
        ServiceDiscoveryBuilder.builder(Payload.class).client(client).basePath(path).build();
    discovery.start();
    return discovery;
  }

  private String register(String path, String name, String id) throws Exception {
    ServiceDiscovery<Payload> discovery = discovery(path);
    held.put(path, discovery);
    discovery.registerService(
        ServiceInstance.<Payload>builder()
            .name(name)
            .id(id)
            .address("curators")
            .port(8080)
            .payload(new Payload("of curator"))
            .build());
    return "REGISTERED";
  }

  private String discover(String path, String name) throws Exception {
    try (ServiceDiscovery<Payload> discovery = discovery(path)) {
      return "FOUND " + discovery.queryForInstances(name).stream()
          .map(i -> i.getId() + "@" + i.getAddress() + ":" + i.getPort() + " " + i.isEnabled() + " "
              + (i.getPayload() == null ? "-" : i.getPayload().getNote()))
          .sorted()
          .collect(Collectors.joining(","));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
