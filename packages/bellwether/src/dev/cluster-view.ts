import type { NodeReport } from './node-report.ts';

/** What is known of one process. */
export interface NodeView {
  readonly id: number;
  /** undefined while it does not run. */
  readonly pid: number | undefined;
  readonly clients: string;
  /** The newest, of the process that runs now; undefined before its first. */
  readonly report: NodeReport | undefined;
  /** Why it does not run. */
  readonly ended: string | undefined;
}

export interface LeaderView {
  readonly id: number;
  readonly term: number;
}

/** The node that leads and serves. An old leader that does not know better has a lower term. */
export function leaderOf(nodes: readonly NodeView[]): LeaderView | undefined {
  let leader: LeaderView | undefined;
  for (const { id, report } of nodes) {
    if (report?.role !== 'leader' || !report.isServing) continue;
    if (leader === undefined || report.term > leader.term) leader = { id, term: report.term };
  }
  return leader;
}

/** All processes run, and all of them follow the same serving leader. */
export function isReady(nodes: readonly NodeView[]): boolean {
  const leader = leaderOf(nodes);
  return (
    leader !== undefined &&
    nodes.every(
      ({ report }) =>
        report?.leaderId === leader.id && report.term === leader.term && report.isServing,
    )
  );
}

/** Sentences about what is different in `after`; figures are left to the table. */
export function changesBetween(
  before: readonly NodeView[],
  after: readonly NodeView[],
): readonly string[] {
  const lines: string[] = [];
  for (const [position, node] of after.entries()) {
    const had = before[position]?.report !== undefined;
    if (node.report !== undefined && !had) {
      lines.push(`node ${node.id} (pid ${node.pid}) is up, clients ${node.clients}`);
    }
  }
  const leader = leaderOf(after);
  const previous = leaderOf(before);
  if (leader?.id !== previous?.id || leader?.term !== previous?.term) {
    lines.push(leader ? `node ${leader.id} leads (term ${leader.term})` : 'no leader');
  }
  return lines;
}
