package interop;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

final class Futures {
  private Futures() {}

  /** A supplier for CompletableFuture of what may throw. */
  static <T> Supplier<T> of(Callable<T> action) {
    return () -> {
      try {
        return action.call();
      } catch (Exception error) {
        throw new CompletionException(error);
      }
    };
  }
}
