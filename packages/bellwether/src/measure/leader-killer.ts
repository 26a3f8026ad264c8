import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { askWord, type Server } from '../cli/ask-word.ts';
import { UserError } from '../cli/user-error.ts';
import { readPids } from '../dev/data-directory.ts';

const ASK_MS_MAX = 1_000;
const POLL_MS = 20;
const BACK_MS_MAX = 20_000;

/** What `srvr` says of a node: "leader", "follower", ...; undefined while it does not serve. */
async function modeOf(server: Server): Promise<string | undefined> {
  try {
    return /^Mode: (\S+)/m.exec(await askWord(server, 'srvr', ASK_MS_MAX))?.[1];
  } catch {
    return undefined;
  }
}

export interface Leader {
  /** Position among the servers. */
  readonly node: number;
  readonly pid: number;
}

/**
 * Kills a node as the loss of its machine would: with the process of its consensus, which would hand over otherwise. Where the
 * system does not say which that is (outside Linux), only the node's main process.
 */
export function killWhole({ pid }: Leader): void {
  for (const each of [pid, ...childrenOf(pid)]) process.kill(each, 'SIGKILL');
}

function childrenOf(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Finds and kills the leader of a cluster that `bellwether dev --restart` runs. */
export class LeaderKiller {
  readonly #servers: readonly Server[];
  readonly #directory: string;

  /** @param servers in the order of their ids, as `bellwether dev` lays them out */
  constructor(servers: readonly Server[], directory: string) {
    this.#servers = servers;
    this.#directory = directory;
  }

  /**
   * Waits until every node serves and one of them leads.
   *
   * @throws UserError when that does not come about, or it is no cluster of `bellwether dev`
   */
  async untilWhole(): Promise<Leader> {
    const deadlineMs = performance.now() + BACK_MS_MAX;
    for (;;) {
      const modes = await Promise.all(this.#servers.map(modeOf));
      const node = modes.indexOf('leader');
      const isWhole = modes.every((mode) => mode === 'leader' || mode === 'follower');
      if (isWhole && node >= 0) return { node, pid: this.#pidOf(node) };
      if (performance.now() > deadlineMs) throw new UserError(this.#explain(modes));
      await sleep(POLL_MS);
    }
  }

  #pidOf(node: number): number {
    const pid = readPids(this.#directory).get(node + 1);
    if (pid !== undefined) return pid;
    throw new UserError(
      `${this.#directory} names no process of node ${node + 1}: --kill needs the --data directory ` +
        'of a running "bellwether dev", and --server its nodes in order',
      2,
    );
  }

  #explain(modes: readonly (string | undefined)[]): string {
    const down = modes.flatMap((mode, node) => (mode === undefined ? [String(node + 1)] : []));
    const nodes = down.length === 0 ? 'no node leads' : `node ${down.join(', ')} does not serve`;
    return `${nodes} after ${BACK_MS_MAX / 1_000} s: --kill needs "bellwether dev --restart"`;
  }
}
