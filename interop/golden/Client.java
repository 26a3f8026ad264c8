import java.util.concurrent.Semaphore;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;

/** What the programs of Apache's client that are recorded have in common. */
final class Client {
  static final int TIMEOUT_MS = 4000;

  private Client() {}

  interface Action {
    void run() throws Exception;
  }

  /** Somebody who waits for the session to be in a state. */
  static final class Arrival implements Watcher {
    private final KeeperState wanted;
    private final Semaphore reached = new Semaphore(0);

    Arrival(KeeperState wanted) {
      this.wanted = wanted;
    }

    @Override
    public void process(WatchedEvent event) {
      if (event.getType() == EventType.None && event.getState() == wanted) reached.release();
    }

    void await() throws InterruptedException {
      reached.acquire();
    }
  }

  /** The action must end with this error. */
  static void fails(KeeperException.Code code, Action action) throws Exception {
    try {
      action.run();
    } catch (KeeperException error) {
      if (error.code() == code) return;
      throw error;
    }
    throw new IllegalStateException("no " + code);
  }
}
