import { parseArgs } from 'node:util';
import { SYSTEMS, type System } from '../servers/systems.ts';

export const USAGE = `Kills and freezes servers and clients while clients play every recipe, and judges what they did.

usage: npm run soak:recipes -- [options]
  --minutes N     length of the time with faults (default 4)
  --clients N     clients, each of which plays every recipe (default 20)
  --workers N     processes that they are in (default 4)
  --seed N        decides what strikes when, and what clients do (default: by the clock)
  --server NAME   bellwether (default), or one of: ${SYSTEMS.slice(1)
    .map(({ name }) => name)
    .join(', ')}
  --help          this text

It ends with 1 when something was wrong.`;

/** What a soak is told. */
export interface SoakOptions {
  readonly minutes: number;
  readonly clients: number;
  readonly workers: number;
  readonly seed: number;
  readonly system: System;
}

/** undefined: only the usage was asked for. Throws for what makes no sense. */
export function parseOptions(args: readonly string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '4' },
      clients: { type: 'string', default: '20' },
      workers: { type: 'string', default: '4' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      server: { type: 'string', default: 'bellwether' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const wanted = values.server.toLowerCase();
  const system = SYSTEMS.find(({ name }) => name.toLowerCase().startsWith(wanted));
  if (system === undefined) throw new Error(`there is no server ${values.server}`);
  if (system.missing !== undefined) throw new Error(`${system.name}: ${system.missing}`);
  const numbers = {
    minutes: Number(values.minutes),
    clients: Number(values.clients),
    workers: Number(values.workers),
    seed: Number(values.seed),
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (!(value >= 0)) throw new Error(`--${name} is no number`);
  }
  return { ...numbers, system };
}
