import type { NodeView } from './cluster-view.ts';

const HEADINGS = ['node', 'pid', 'clients', 'role', 'term', 'zxid', 'sessions', 'state'] as const;

/** The nodes as lines of text, the headings first. */
export function tableOf(nodes: readonly NodeView[]): readonly string[] {
  return textTable([HEADINGS, ...nodes.map(cellsOf)]);
}

/** Rows of as many cells as the first has, as lines of text in columns. */
export function textTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cellsOf({ id, pid, clients, report, ended }: NodeView): readonly string[] {
  return [
    String(id),
    String(pid ?? '-'),
    clients,
    report?.role ?? '-',
    String(report?.term ?? '-'),
    report ? `0x${report.appliedIndex.toString(16)}` : '-',
    String(report?.sessions ?? '-'),
    ended ?? stateOf(report),
  ];
}

function stateOf(report: NodeView['report']): string {
  if (report === undefined) return 'starting';
  return report.isServing ? 'serving' : 'waiting for a leader';
}
