import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What can be wrong inside a node:
 *
 * - diskStuck: writes and flushes don't return.
 * - diskSlow: each takes longer.
 * - diskFails: each fails with EIO and does nothing.
 * - serviceBusy: the service thread is busy with nothing.
 */
export type NodeFault = 'diskStuck' | 'diskSlow' | 'diskFails' | 'serviceBusy';

const FAULTS: readonly NodeFault[] = ['diskStuck', 'diskSlow', 'diskFails', 'serviceBusy'];
const PRELOAD = new URL('./faults-preload.js', import.meta.url).href;

/**
 * Makes nodes fail from inside. They have to be started with `environmentOf`, which has Node.js load a
 * module before the node's own code; a node without that environment knows nothing of faults.
 */
export class NodeFaults {
  readonly #directory: string;

  /** @param directory for a subdirectory of each node, which looks there for what is wrong with it */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Variables for the process of a node. */
  environmentOf(id: number): Readonly<Record<string, string>> {
    mkdirSync(this.#of(id), { recursive: true });
    return { NODE_OPTIONS: `--import ${PRELOAD}`, BELLWETHER_TEST_FAULTS: this.#of(id) };
  }

  /** @param delayMs of diskSlow: how much longer everything takes */
  begin(id: number, fault: NodeFault, delayMs = 0): void {
    writeFileSync(join(this.#of(id), fault), String(delayMs));
  }

  end(id: number, fault: NodeFault): void {
    rmSync(join(this.#of(id), fault), { force: true });
  }

  /** All that is wrong with a node. */
  endAll(id: number): void {
    for (const fault of FAULTS) this.end(id, fault);
  }

  #of(id: number): string {
    return join(this.#directory, String(id));
  }
}
