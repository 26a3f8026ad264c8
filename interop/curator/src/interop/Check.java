package interop;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;

/** What the recipes are checked with. */
final class Check {
  private static final long DEADLINE_MS = 15_000;
  private static final long POLL_MS = 10;

  private Check() {}

  static void equal(String what, Object expected, Object actual) {
    if (Objects.equals(expected, actual)) return;
    throw new AssertionError(what + ": expected " + expected + ", got " + actual);
  }

  static void that(String what, boolean isSo) {
    if (!isSo) throw new AssertionError(what + ": it is not so");
  }

  /** Waits until it is so, which must be within the deadline. */
  static void soon(String what, Callable<Boolean> isSo) throws Exception {
    long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
    while (!isSo.call()) {
      if (System.nanoTime() > deadline) throw new AssertionError(what + ": not within the deadline");
      Thread.sleep(POLL_MS);
    }
  }

  /** The action must end with this exception. */
  static void refused(String what, Class<? extends Exception> expected, Callable<?> action) {
    try {
      action.call();
    } catch (Exception error) {
      if (expected.isInstance(error)) return;
      throw new AssertionError(what + ": expected " + expected.getSimpleName() + ", got " + error);
    }
    throw new AssertionError(what + ": expected " + expected.getSimpleName() + ", got no error");
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }
}
