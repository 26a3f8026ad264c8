/** Time as the runtime sees it; the simulator brings its own. */
export interface Clock {
  /** Monotonic, in ms with fractions; its zero means nothing. */
  nowMs(): number;
  /** Wall clock, ms since 1970; may jump. */
  wallMs(): number;
  /** Runs `action` once after `delayMs`. */
  after(delayMs: number, action: () => void): void;
  /** Runs `action` once, when the inputs that are already waiting have been taken. */
  soon(action: () => void): void;
}

/** The machine's clocks and Node.js' timers, which never keep a process alive by themselves. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, action) => void setTimeout(action, delayMs).unref(),
  soon: (action) => void setImmediate(action),
};
