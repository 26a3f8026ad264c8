import { ConfigFuzz } from './config-target.ts';
import { DecoderFuzz } from './decoder-target.ts';
import { FilesFuzz } from './files-target.ts';
import type { Counts } from './fuzz-failure.ts';
import { MemoryCheck } from './memory.ts';
import { parseFuzzOptions, USAGE, UsageError, type FuzzOptions, type Target } from './options.ts';
import { PeerFuzz } from './peer-target.ts';
import { Random } from './random.ts';
import type { Script } from './script.ts';
import { ServerFuzz } from './server-target.ts';

/** Each epoch begins with nothing, so that it can be repeated by itself. */
const EPOCH_FRAMES = {
  decoder: 50_000,
  server: 20_000,
  peer: 200_000,
  files: 5_000,
  config: 5_000,
} as const;
const PROGRESS_INTERVAL_MS = 5_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What is running, for when it ends in an exception that nobody catches. */
const now = { command: '', playing: (): readonly Script[] => [] };

async function runEpoch(target: Target, seed: number, frames: number, counts: Counts) {
  const random = new Random(seed);
  now.command = `npm run fuzz -- --target ${target} --seed ${seed} --frames ${frames}`;
  now.playing = () => [];
  switch (target) {
    case 'decoder':
      return new DecoderFuzz(random, counts).run(frames);
    case 'peer':
      return new PeerFuzz(random, counts).run(frames);
    case 'files':
      return new FilesFuzz(random, counts).run(frames);
    case 'config':
      return new ConfigFuzz(random, counts).run(frames);
    case 'server':
      return runServer(random, frames, counts);
    default:
      return target satisfies never;
  }
}

async function runServer(random: Random, frames: number, counts: Counts): Promise<void> {
  const fuzz = new ServerFuzz(random, counts);
  now.playing = () => fuzz.playing;
  await fuzz.run(frames);
}

async function runTarget(target: Target, { seed, frames }: FuzzOptions): Promise<void> {
  const counts: Counts = new Map();
  const memory = new MemoryCheck();
  const startedMs = performance.now();
  let toldMs = startedMs;
  for (let done = 0, epoch = 0; done < frames; epoch++) {
    const size = Math.min(EPOCH_FRAMES[target], frames - done);
    await runEpoch(target, seed + epoch, size, counts);
    memory.afterEpoch();
    done += size;
    if (performance.now() - toldMs > PROGRESS_INTERVAL_MS || done === frames) {
      toldMs = performance.now();
      const seconds = ((toldMs - startedMs) / 1000).toFixed(0);
      say(`${target}: ${done} of ${frames} frames in ${seconds} s`);
    }
  }
  say(`${target}: nothing found; ${memory.summary}`);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  for (const [what, times] of sorted) say(`  ${String(times).padStart(10)}  ${what}`);
}

function onFailure(error: unknown): never {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (error instanceof Error && error.cause instanceof Error) say(`cause: ${error.cause.stack}`);
  for (const { bytes } of now.playing()) say(`  sent: ${bytes.toString('hex')}`);
  say(`repeat it with: ${now.command}`);
  process.exit(1);
}

async function main(args: readonly string[]): Promise<void> {
  process.on('uncaughtException', onFailure);
  try {
    const options = parseFuzzOptions(args);
    if (options === undefined) return say(USAGE);
    for (const target of options.targets) await runTarget(target, options);
  } catch (error) {
    if (!(error instanceof UsageError)) onFailure(error);
    say(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  }
}

await main(process.argv.slice(2));
