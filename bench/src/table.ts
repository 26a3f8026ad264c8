/** Markdown, so that it can be read on a terminal and pasted into a document alike. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_cell, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const [headings, ...body] = rows.map((row) => `| ${alignCells(row, widths).join(' | ')} |`);
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [headings, `| ${rule.join(' | ')} |`, ...body].join('\n');
}

function alignCells(row: readonly string[], widths: readonly number[]): string[] {
  return row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)));
}
