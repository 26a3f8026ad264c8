import type { Failover } from '@bellwether/cluster';
import { FAILOVER_PHASES } from '@bellwether/cluster';
import { textTable } from '../dev/table.ts';
import type { FailoversJson } from '../server/failover-report.ts';
import { askWord, nameOf, type Server } from './ask-word.ts';

export interface FailoversOptions {
  readonly server: readonly Server[];
  readonly json: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

const HEADINGS = ['at', 'cause', 'leader', 'term', 'suspect', 'confirm', 'elect', 'catch up'];
const HEADINGS_END = ['serve', 'total ms'];

/** @returns 1 when any of the servers did not answer */
export async function showFailovers(options: FailoversOptions): Promise<number> {
  const answers = await Promise.all(
    options.server.map((server) => answerOf(server, options.timeout)),
  );
  const known = answers.filter((answer) => typeof answer !== 'string');
  if (options.json) process.stdout.write(`${JSON.stringify(known, undefined, 2)}\n`);
  else process.stdout.write(known.map(failoverTable).join('\n'));
  for (const failure of answers.filter((answer) => typeof answer === 'string')) {
    process.stderr.write(`bellwether: ${failure}\n`);
  }
  return known.length < answers.length ? 1 : 0;
}

/** The answer, or why there is none. */
async function answerOf(server: Server, timeoutMs: number): Promise<FailoversJson | string> {
  try {
    const text = await askWord(server, 'fovr', timeoutMs);
    if (text.startsWith('{')) return JSON.parse(text) as FailoversJson;
    if (/not in the whitelist/.test(text)) {
      return `${nameOf(server)}: does not answer fovr: allow it with fourLetterWords`;
    }
    return `${nameOf(server)}: is no server of Bellwether`;
  } catch (error) {
    return `${nameOf(server)}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** One node's failovers as text, oldest first. */
function failoverTable({ node, failovers }: FailoversJson): string {
  const rows = failovers.map(cellsOf);
  const table = textTable([[...HEADINGS, ...HEADINGS_END], ...rows]);
  return `${[`node ${node}`, ...table].join('\n')}\n`;
}

function cellsOf(failover: Failover): readonly string[] {
  const { beganAtMs, cause, oldLeaderId, newLeaderId, oldTerm, newTerm, totalMs } = failover;
  return [
    new Date(beganAtMs).toISOString(),
    cause,
    `${leaderName(oldLeaderId)} -> ${leaderName(newLeaderId)}`,
    oldTerm === newTerm ? String(newTerm) : `${oldTerm} -> ${newTerm}`,
    ...FAILOVER_PHASES.map((phase) => failover.phasesMs[phase].toFixed(1)),
    totalMs.toFixed(1),
  ];
}

const leaderName = (id: number): string => (id === 0 ? 'none' : String(id));
