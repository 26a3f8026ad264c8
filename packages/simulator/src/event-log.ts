const PRIME_A = 0x01000193;
const PRIME_B = 0x85ebca6b;

/**
 * What happened, line by line. The lines are always hashed, so that two runs can be compared, and the
 * newest ones are kept to explain a failure; all of them are only given to whoever asks for them.
 */
export class EventLog {
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #recent: string[] = [];
  readonly #recentMax: number;
  #lines = 0;
  #a = 0x811c9dc5 | 0;
  #b = 0x27d4eb2f | 0;

  constructor(onLine?: (line: string) => void, recentMax = 60) {
    this.#onLine = onLine;
    this.#recentMax = recentMax;
  }

  /** Written so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Of everything so far, as 16 hexadecimal digits. */
  get digest(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#a) + hex(this.#b);
  }

  /** The newest lines, oldest first. */
  get recent(): readonly string[] {
    const at = this.#lines % this.#recentMax;
    return [...this.#recent.slice(at), ...this.#recent.slice(0, at)];
  }

  /** Adds a line. */
  write(line: string): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < line.length; i++) {
      const unit = line.charCodeAt(i);
      a = Math.imul(a ^ unit, PRIME_A);
      b = Math.imul(b + unit, PRIME_B);
    }
    this.#a = a ^ (b >>> 15);
    this.#b = b ^ (b >>> 13);
    this.#recent[this.#lines % this.#recentMax] = line;
    this.#lines += 1;
    this.#onLine?.(line);
  }
}
