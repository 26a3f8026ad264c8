import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryRecord } from '@bellwether/simulator/oracle';
import type { RoundResult } from './round.ts';

const PREFIX = 'bellwether-chaos-';

/**
 * The directory of a run: configuration and logs of the nodes, schedules and histories of rounds. It is gone
 * with this process unless it is to be kept.
 */
export class Artefacts {
  readonly directory: string;
  readonly #onExit = (): void => rmSync(this.directory, { recursive: true, maxRetries: 5 });

  constructor(parent: string) {
    this.directory = mkdtempSync(join(parent, PREFIX));
    process.on('exit', this.#onExit);
  }

  keep(): void {
    process.off('exit', this.#onExit);
  }

  /** @returns the file with the history */
  addRound({ round, schedule, history, failures }: RoundResult): string {
    const write = (name: string, content: string): string => {
      const file = join(this.directory, `round-${round}-${name}`);
      writeFileSync(file, content);
      return file;
    };
    write('schedule.json', `${JSON.stringify(schedule, undefined, 2)}\n`);
    write('failures.json', `${JSON.stringify(failures, undefined, 2)}\n`);
    return write('history.jsonl', history.records.map((r) => `${JSON.stringify(r)}\n`).join(''));
  }
}

/** A history that was kept. */
export function readHistory(file: string): HistoryRecord[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as HistoryRecord);
}
