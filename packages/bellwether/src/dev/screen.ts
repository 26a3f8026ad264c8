/** Where `bellwether dev` shows what happens. */
export interface Screen {
  /** A line that stays. */
  line(text: string): void;
  /** The table as it is now. */
  table(rows: readonly string[]): void;
  /** Shows the last table for good. */
  close(): void;
}

/** What is needed of standard output. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_INTERVAL_MS = 100;
const COLUMNS_DEFAULT = 80;

/** A terminal gets a table that changes in place; anything else gets lines only. */
export function screenFor(terminal: Terminal): Screen {
  return terminal.isTTY === true ? new LiveScreen(terminal) : plainScreen(terminal);
}

function plainScreen(terminal: Terminal): Screen {
  return {
    line: (text) => terminal.write(`${text}\n`),
    table: () => undefined,
    close: () => undefined,
  };
}

/** Keeps the table below all lines. */
class LiveScreen implements Screen {
  readonly #terminal: Terminal;
  #rows: readonly string[] = [];
  /** Lines of the terminal that the table takes now. */
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  line(text: string): void {
    this.#erase();
    this.#terminal.write(`${text}\n`);
    this.#draw();
  }

  table(rows: readonly string[]): void {
    this.#rows = rows;
    this.#timer ??= setTimeout(() => this.#redraw(), REDRAW_INTERVAL_MS);
  }

  close(): void {
    this.#redraw();
    this.#drawn = 0;
    this.#rows = [];
  }

  #redraw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#erase();
    this.#draw();
  }

  #erase(): void {
    if (this.#drawn > 0) this.#terminal.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    // A row that wraps would take two lines and spoil the next erasure.
    // Some terminals do not know how wide they are, or say 0.
    const width = (this.#terminal.columns || COLUMNS_DEFAULT) - 1;
    for (const row of this.#rows) this.#terminal.write(`${row.slice(0, width)}\n`);
    this.#drawn = this.#rows.length;
  }
}
