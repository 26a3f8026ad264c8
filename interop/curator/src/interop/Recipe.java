package interop;

import org.apache.curator.framework.CuratorFramework;

/** Exercises one recipe with two clients on different servers, and says in a few words what it saw. */
@FunctionalInterface
interface Recipe {
  /** @param path of its own, which is not there yet */
  String run(CuratorFramework one, CuratorFramework two, String path) throws Exception;
}
