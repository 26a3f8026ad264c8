import { CommandRejected } from 'bellwether';
import { simulate } from '@bellwether/simulator';
import { expect, it } from 'vitest';
import { Store, type Command, type Entry } from '../src/store.ts';

/** What the store should do, without a map and without mercy for speed. */
class Model {
  readonly #writes: Command[] = [];

  apply(command: Command): number {
    const version = this.query(command.key)?.version ?? 0;
    if ((command.ifVersion ?? version) !== version) throw new CommandRejected('another version');
    this.#writes.push(command);
    return this.query(command.key)?.version ?? 0;
  }

  query(key: string): Entry | undefined {
    let entry: Entry | undefined;
    for (const write of this.#writes) {
      if (write.key !== key) continue;
      const version = (entry?.version ?? 0) + 1;
      entry = write.kind === 'put' ? { value: write.value, version } : undefined;
    }
    return entry;
  }
}

it('does what it should, whatever happens to its nodes', () => {
  const report = simulate({
    stateMachine: () => new Store(),
    model: () => new Model(),
    workload: ({ random, client, step }) => {
      const key = random.pick(['a', 'b', 'c']);
      if (random.chance(0.4)) return { query: key };
      const condition = random.chance(0.3) ? { ifVersion: random.below(4) } : {};
      if (random.chance(0.2)) return { command: { kind: 'delete', key, ...condition } };
      return { command: { kind: 'put', key, value: `${client}.${step}`, ...condition } };
    },
    seeds: 4,
    safetyMs: 1_500,
  });
  expect(report.operations.done).toBeGreaterThan(200);
  expect(report.operations.failed).toBeGreaterThan(10);
});
