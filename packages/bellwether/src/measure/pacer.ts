/**
 * Calls `onBeat` at a fixed rate from now on, whether or not what earlier beats began has ended: a load
 * that waits for answers would look away exactly while there are none.
 *
 * @param perSecond how often
 * @returns stops it
 */
export function pace(perSecond: number, onBeat: () => void): () => void {
  const periodMs = 1_000 / perSecond;
  let dueMs = performance.now() + periodMs;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(beat, Math.max(0, dueMs - performance.now()));
  };
  const beat = (): void => {
    dueMs += periodMs;
    // This process stood still itself: the beats that it missed are not made up for.
    if (dueMs < performance.now() - 100 * periodMs) dueMs = performance.now() + periodMs;
    onBeat();
    wait();
  };
  wait();
  return () => clearTimeout(timer);
}
