import { setFlagsFromString } from 'node:v8';

/**
 * What runs only when a leader is lost would be compiled in that very moment, and again the next time,
 * because V8 throws away code that has not run for long: 1 to 2 ms of every failover. The consensus thread,
 * which starts after this, compiles all of its code at once and keeps it.
 */
export function compileAhead(): void {
  setFlagsFromString('--no-lazy');
  setFlagsFromString('--no-flush-bytecode');
}
