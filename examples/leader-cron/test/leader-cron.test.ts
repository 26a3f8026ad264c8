import { fencedLog, launch } from 'example-support';
import { expect, it, onTestFinished } from 'vitest';

const program = new URL('../dist/main.js', import.meta.url).href;

const nodeOf = ({ line }: { readonly line: string }): number =>
  Number(/node (\d)$/.exec(line)?.[1]);
const slotOf = ({ line }: { readonly line: string }): number =>
  Number(/^slot (\d+)/.exec(line)?.[1]);

it(
  'goes on when leaders freeze and die, and none of them comes back to write',
  { timeout: 60_000 },
  async () => {
    const log = await fencedLog();
    onTestFinished(log.stop);
    const { nodes, stop } = await launch(program, { more: { log: log.url, everyMs: '50' } });
    onTestFinished(stop);
    const { lines } = log;
    const leader = () => nodes.find(({ id }) => id === nodeOf(lines.at(-1)!))!;
    const untilAnotherThan = (id: number): Promise<void> =>
      log.until(() => lines.slice(-3).every((line) => nodeOf(line) !== id));

    await log.until(() => lines.length >= 5);
    const frozen = leader();
    frozen.signal('SIGSTOP');
    await untilAnotherThan(frozen.id);
    frozen.signal('SIGCONT');
    const count = lines.length;
    await log.until(() => lines.length >= count + 5);
    const killed = leader();
    await killed.kill();
    await untilAnotherThan(killed.id);

    const tokens = lines.map(({ token }) => token);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBeGreaterThanOrEqual(3);
    // A slot is run again only when its leader did not live to say that it was done.
    const again = lines.filter((line, i) => i > 0 && slotOf(line) === slotOf(lines[i - 1]!));
    expect(again.length).toBeLessThanOrEqual(2);
    for (const [i, line] of lines.entries()) {
      if (i > 0) expect(slotOf(line)).toBeGreaterThanOrEqual(slotOf(lines[i - 1]!));
    }
  },
);
