import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/**
 * The classic leader election among programs, with Apache's own client and nothing else.
 *
 * <p>Each candidate creates an ephemeral, sequential znode. The one whose number is the lowest leads.
 * Every other candidate watches only the one just before its own, so that the end of a candidate wakes
 * one process and not all of them. A candidate that dies loses its session, the session takes the
 * znode with it, and the next one is told.
 */
public final class LeaderElection implements Watcher {
    private static final String ROOT = "/election";
    private static final String PREFIX = "n_";
    private static final int SESSION_TIMEOUT_MS = 5000;

    private final ZooKeeper zooKeeper;
    private final CountDownLatch connected = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private String name = "";

    private LeaderElection(String connectString) throws IOException {
        zooKeeper = new ZooKeeper(connectString, SESSION_TIMEOUT_MS, this);
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 1) {
            System.err.println("usage: java LeaderElection host:port,host:port,...");
            System.exit(2);
        }
        LeaderElection candidate = new LeaderElection(arguments[0]);
        candidate.connected.await();
        candidate.volunteer();
        candidate.lookAtPredecessor();
        candidate.leaveWhenInputEnds();
        candidate.finished.await();
    }

    /** Session events, and the one event of the predecessor's znode. */
    @Override
    public void process(WatchedEvent event) {
        switch (event.getState()) {
            case SyncConnected:
                connected.countDown();
                break;
            case Expired:
                say("session expired");
                finished.countDown();
                break;
            default:
                break;
        }
        if (event.getType() == Event.EventType.NodeDeleted) {
            say("told that " + nameOf(event.getPath()) + " is gone");
            lookAtPredecessor();
        }
    }

    private void volunteer() throws KeeperException, InterruptedException {
        try {
            zooKeeper.create(ROOT, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        } catch (KeeperException.NodeExistsException exists) {
            // Another candidate was here first.
        }
        byte[] data = String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8);
        String path = zooKeeper.create(
                ROOT + "/" + PREFIX, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL);
        name = nameOf(path);
        say("volunteers");
    }

    /** Leads, or waits for the candidate just before; that one may be gone by the time it is watched. */
    private void lookAtPredecessor() {
        try {
            while (true) {
                List<String> candidates = zooKeeper.getChildren(ROOT, false);
                Collections.sort(candidates);
                int place = candidates.indexOf(name);
                if (place <= 0) {
                    say(place == 0 ? "leader" : "no longer a candidate");
                    return;
                }
                if (watch(candidates.get(place - 1))) {
                    return;
                }
            }
        } catch (KeeperException exception) {
            say("failed: " + exception.code());
            finished.countDown();
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            finished.countDown();
        }
    }

    private boolean watch(String predecessor) throws KeeperException, InterruptedException {
        try {
            zooKeeper.getData(ROOT + "/" + predecessor, this, null);
            say("waits for " + predecessor);
            return true;
        } catch (KeeperException.NoNodeException gone) {
            return false;
        }
    }

    /** Enter, or the end of standard input, ends the candidate in good order: close() and all. */
    private void leaveWhenInputEnds() {
        Thread reader = new Thread(() -> {
            try {
                System.in.read();
                zooKeeper.close();
                say("left");
            } catch (IOException | InterruptedException exception) {
                say("failed: " + exception.getMessage());
            }
            finished.countDown();
        });
        reader.setDaemon(true);
        reader.start();
    }

    private void say(String text) {
        System.out.println("candidate " + name + (text.equals("leader") ? ": " : " ") + text);
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
