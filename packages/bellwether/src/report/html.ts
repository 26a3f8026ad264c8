/** For text between tags and in attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The first row is the headings; all but the first column are numbers. */
export function htmlTable(rows: readonly (readonly string[])[], highlighted?: number): string {
  const [headings = [], ...body] = rows;
  const cells = (row: readonly string[], tag: 'th' | 'td'): string =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  const lines = body.map((row, position) => {
    const mark = position === highlighted ? ' class="here"' : '';
    return `<tr${mark}>${cells(row, 'td')}</tr>`;
  });
  const head = `<thead><tr>${cells(headings, 'th')}</tr></thead>`;
  return `<div class="table"><table>${head}<tbody>${lines.join('\n')}</tbody></table></div>`;
}

/** One file, nothing to load: it can be mailed, and opened without a network. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5b6474; --line: #dfe3ea; --page: #f5f6f8; --card: #ffffff; --accent: #2563a8; --mark: #eaf1fa; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa4b5; --line: #323a48; --page: #14181f; --card: #1c222c; --accent: #78aee8; --mark: #24344a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .5rem; }
p { margin: .4rem 0 1rem; max-width: 46rem; }
.soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .9rem; margin: 1.6rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem; }
.card b { display: block; font-size: 1.45rem; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.card span { color: var(--soft); font-size: .88rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem .8rem .4rem; }
figure svg { display: block; width: 100%; height: auto; }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .9rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { font-size: .82rem; font-weight: 600; color: var(--soft); }
tbody tr:last-child td { border-bottom: 0; }
tr.here td { background: var(--mark); font-weight: 600; }
@media print { body { background: #fff; } figure, .card, .table { break-inside: avoid; } }
`;
