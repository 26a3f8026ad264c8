/** What somebody would write who has just installed the packages. */

/** An embedded cluster; prints `42 42`. */
const EMBEDDED = `
class Counter {
  value = 0;
  codec = jsonCodec();
  apply(amount) { return (this.value += amount); }
  query() { return this.value; }
  snapshot() { return jsonSnapshot(this.value); }
  restore() { return jsonRestore((value) => (this.value = value)); }
}

async function main() {
  const peers = [{ id: 1, host: '127.0.0.1', port: 0 }];
  const dataDir = mkdtempSync(join(tmpdir(), 'embedded-'));
  const cluster = await Cluster.start({ id: 1, peers, dataDir, stateMachine: new Counter() });
  console.log(await cluster.propose(42), await cluster.read());
  await cluster.stop();
  rmSync(dataDir, { recursive: true });
}
main();
`;

/** A client of the server at the port in the environment; prints \`one held\`. */
const CLIENT = `
async function main() {
  const client = await Client.connect('127.0.0.1:' + process.env.CLIENT_PORT);
  await client.create('/greeting-' + process.pid, 'one');
  const { data } = await client.getData('/greeting-' + process.pid);
  const lock = new Lock(client, '/lock');
  console.log(String(data), await lock.use((hold) => (hold.isHeld ? 'held' : 'lost')));
  await client.close();
}
main();
`;

/** A simulation of a state machine; prints how many seeds it took. */
const SIMULATION = `
class Counter {
  value = 0;
  apply() { return (this.value += 1); }
  query() { return this.value; }
  snapshot() { return [Uint8Array.of(this.value >> 8, this.value & 255)]; }
  restore() { return { write: ([a, b]) => (this.value = a * 256 + b), end: () => {} }; }
}
const report = simulate({
  stateMachine: () => new Counter(),
  workload: ({ random }) => (random.chance(0.5) ? { query: undefined } : { command: Uint8Array.of(1) }),
  seeds: 2,
  safetyMs: 300,
});
console.log(report.seeds);
`;

const FILES = `mkdtempSync, rmSync`;

export const PROGRAMS = {
  'embedded.mjs': `import { ${FILES} } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, jsonCodec, jsonRestore, jsonSnapshot } from 'bellwether';
${EMBEDDED}`,
  'embedded.cjs': `const { ${FILES} } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Cluster, jsonCodec, jsonRestore, jsonSnapshot } = require('bellwether');
${EMBEDDED}`,
  'client.mjs': `import { Client } from '@bellwether/client';
import { Lock } from '@bellwether/client/recipes';
${CLIENT}`,
  'client.cjs': `const { Client } = require('@bellwether/client');
const { Lock } = require('@bellwether/client/recipes');
${CLIENT}`,
  'simulation.mjs': `import { simulate } from '@bellwether/simulator';
${SIMULATION}`,
  'simulation.cjs': `const { simulate } = require('@bellwether/simulator');
${SIMULATION}`,
} as const;

/** All that a strict compiler has to say about our types, as somebody else sees them. */
export const TYPED_PROGRAM = `
import { Cluster, CommandRejected, isClusterError, jsonCodec, jsonRestore, jsonSnapshot } from 'bellwether';
import type { CommandContext, LeaderTerm, RestoreSink, StateMachine } from 'bellwether';
import { Client, isClientError } from '@bellwether/client';
import { LeaderElection } from '@bellwether/client/recipes';
import { simulate, type SimulationReport } from '@bellwether/simulator';

type Command = { readonly add: number };

class Counter implements StateMachine<Command, number, 'value', number> {
  readonly codec = jsonCodec<Command>();
  #value = 0;
  apply({ add }: Command, context: CommandContext): number {
    if (add < 0) throw new CommandRejected('at index ' + context.index);
    return (this.#value += add);
  }
  query(_query: 'value'): number {
    return this.#value;
  }
  snapshot(): Iterable<Uint8Array> {
    return jsonSnapshot(this.#value);
  }
  restore(): RestoreSink {
    return jsonRestore<number>((value) => (this.#value = value));
  }
}

export async function embedded(): Promise<number> {
  const peers = [{ id: 1, host: '127.0.0.1', port: 0 }];
  const cluster = await Cluster.start({ id: 1, peers, dataDir: '/tmp/x', stateMachine: new Counter() });
  await cluster.lead(async (term: LeaderTerm<Command, number>) => {
    const sum: number = await term.propose({ add: 1 });
    return sum;
  });
  // @ts-expect-error a command is no text
  await cluster.propose('add');
  // @ts-expect-error nor is a query a number
  await cluster.read(7);
  return cluster.read('value', { consistency: 'stale' });
}

export async function client(): Promise<string | undefined> {
  const connected = await Client.connect('127.0.0.1:2181');
  try {
    const { data } = await connected.getData('/a');
    return data.toString();
  } catch (error) {
    if (isClientError(error, 'noNode')) return error.path;
    if (isClusterError(error)) return error.code;
    throw error;
  }
}

export const report: SimulationReport = simulate({
  stateMachine: () => new Counter(),
  workload: ({ random }) => (random.chance(0.5) ? { query: 'value' as const } : { command: { add: 1 } }),
  invariants: { 'it is a counter': (counter) => counter.query('value') >= 0 },
});
export { LeaderElection };
`;

/** Compiler settings of those who use the packages, and the file that each is for. */
export const CONSUMERS = [
  {
    name: 'node16',
    module: 'node16',
    moduleResolution: 'node16',
    file: 'typed.mts',
    checks: 'all',
  },
  {
    ...{ name: 'bundler', module: 'esnext', moduleResolution: 'bundler', file: 'typed.ts' },
    checks: 'own',
  },
  {
    ...{ name: 'CommonJS', module: 'nodenext', moduleResolution: 'nodenext', file: 'typed.cts' },
    checks: 'own',
  },
] as const;
