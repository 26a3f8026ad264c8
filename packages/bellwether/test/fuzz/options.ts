import { parseArgs } from 'node:util';

export const TARGETS = ['decoder', 'server', 'peer', 'files', 'config'] as const;
export type Target = (typeof TARGETS)[number];

export interface FuzzOptions {
  /** Of the first epoch; the next one has the next. */
  readonly seed: number;
  /** Of each target. */
  readonly frames: number;
  readonly targets: readonly Target[];
}

export const USAGE = `npm run fuzz -- [--seed N] [--frames N] [--target decoder|server|peer|files|config]

What is damaged, cut off, spliced or made up: frames of clients against the decoders and the state machine
(decoder) and against a server over real sockets (server), frames between nodes (peer), files of the log and
snapshots (files), settings (config). Without --target, one after the other, with so many of each.

  --seed N      of the first epoch; default 1. What fails says with which seed it is repeated
  --frames N    default 1000000
`;

/** What is wrong with the arguments, for people. */
export class UsageError extends Error {}

/** @returns undefined when help was asked for. @throws UsageError */
export function parseFuzzOptions(args: readonly string[]): FuzzOptions | undefined {
  const { values } = parse(args);
  if (values.help === true) return undefined;
  return {
    seed: wholeNumber('seed', values.seed ?? '1'),
    frames: wholeNumber('frames', values.frames ?? '1000000'),
    targets: values.target === undefined ? TARGETS : [targetOf(values.target)],
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { seed: text, frames: text, target: text, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`--${name} is a whole number above 0, not ${text}`);
}

function targetOf(text: string): Target {
  const target = TARGETS.find((each) => each === text);
  if (target === undefined) throw new UsageError(`--target is ${TARGETS.join(' or ')}`);
  return target;
}
