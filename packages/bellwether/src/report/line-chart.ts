import { escapeHtml } from './html.ts';
import { type Scale, type ScaleKind, scaleOf } from './scale.ts';

export type Point = readonly [x: number, y: number];

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** dots: a line with its points marked; bare points are for measurements. */
  readonly style: 'line' | 'dots' | 'dashed';
}

export interface Axis {
  readonly title: string;
  readonly kind: ScaleKind;
  readonly format: (value: number) => string;
  /** Where it begins and ends; without it, where the points do. */
  readonly range?: readonly [number, number];
  /** Marks at these values only. */
  readonly marks?: readonly number[];
}

export interface LineChart {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Where each line's name stands: at its end, or where it rises. */
  readonly labels: 'end' | 'rise';
  /** A vertical line where the reader's own configuration is. */
  readonly here?: { readonly x: number; readonly label: string } | undefined;
}

const WIDTH = 640;
const HEIGHT = 380;
const TOP = 64;
const BOTTOM = 52;
const LEFT = 104;
const RIGHT = 24;
const LABEL_ROOM_MIN = 40;
const LABEL_CHARACTER = 6.7;
const LABEL_APART = 15;

/** A drawing that stands alone, in light and in dark surroundings. */
export function lineChart(chart: LineChart): string {
  const right = WIDTH - (chart.labels === 'end' ? labelRoom(chart.series) : RIGHT);
  const all = chart.series.flatMap(({ points }) => points);
  const x = scaleFor(
    chart.x,
    all.map(([value]) => value),
    [LEFT, right],
  );
  const y = scaleFor(
    chart.y,
    all.map(([, value]) => value),
    [HEIGHT - BOTTOM, TOP],
  );
  const label = escapeHtml(`${chart.title}: ${chart.subtitle}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" class="plot" role="img" aria-label="${label}">`,
    `<style>${STYLE}</style>`,
    text(16, 26, chart.title, 'title'),
    text(16, 45, chart.subtitle, 'soft'),
    ...gridOf(chart, x, y, right),
    ...hereOf(chart, x),
    ...chart.series.map((series, i) => drawSeries(series, i, x, y)),
    ...(chart.labels === 'end' ? labelsAtEnd(chart.series, y, right) : labelsAtRise(chart, x, y)),
    '</svg>',
  ].join('\n');
}

function scaleFor(axis: Axis, values: readonly number[], pixels: readonly [number, number]): Scale {
  const [from, to] = axis.range ?? [Math.min(...values), Math.max(...values)];
  const scale = scaleOf(axis.kind, { from, to, pixels });
  const marks = (axis.marks ?? scale.marks).filter((mark) => mark >= from && mark <= to);
  return { at: scale.at, marks };
}

function labelRoom(series: readonly Series[]): number {
  const longest = Math.max(...series.map(({ name }) => name.length));
  return Math.max(LABEL_ROOM_MIN, 22 + longest * LABEL_CHARACTER);
}

function gridOf(chart: LineChart, x: Scale, y: Scale, right: number): readonly string[] {
  const bottom = HEIGHT - BOTTOM;
  const middle = (LEFT + right) / 2;
  return [
    ...y.marks.flatMap((mark) => [
      line(LEFT, y.at(mark), right, y.at(mark), 'grid'),
      text(LEFT - 9, y.at(mark) + 4, chart.y.format(mark), 'mark end'),
    ]),
    ...x.marks.flatMap((mark) => [
      line(x.at(mark), bottom, x.at(mark), bottom + 5, 'axis'),
      text(x.at(mark), bottom + 19, chart.x.format(mark), 'mark middle'),
    ]),
    line(LEFT, bottom, right, bottom, 'axis'),
    text(middle, HEIGHT - 9, chart.x.title, 'soft middle'),
    `<text transform="translate(15 ${px((TOP + bottom) / 2)}) rotate(-90)" class="soft middle">${escapeHtml(chart.y.title)}</text>`,
  ];
}

function hereOf({ here }: LineChart, x: Scale): readonly string[] {
  if (here === undefined) return [];
  const at = x.at(here.x);
  return [
    line(at, TOP, at, HEIGHT - BOTTOM, 'here'),
    text(at + 5, HEIGHT - BOTTOM - 7, here.label, 'mark'),
  ];
}

function drawSeries({ points, style }: Series, number: number, x: Scale, y: Scale): string {
  const colour = `c${number % COLOURS.length}`;
  const path = points.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${px(x.at(a))} ${px(y.at(b))}`);
  const curve = `<path d="${path.join('')}" class="curve ${colour}${style === 'dashed' ? ' dashed' : ''}"/>`;
  if (style !== 'dots') return curve;
  const dots = points.map(([a, b]) => {
    return `<circle cx="${px(x.at(a))}" cy="${px(y.at(b))}" r="4" class="dot f${number % COLOURS.length}"/>`;
  });
  return [curve, ...dots].join('\n');
}

/** Each name beside the end of its line, moved apart where ends lie close together. */
function labelsAtEnd(series: readonly Series[], y: Scale, right: number): readonly string[] {
  const ends = series
    .map(({ name, points }, number) => ({ name, number, at: y.at(points.at(-1)?.[1] ?? 0) + 4 }))
    .sort((a, b) => a.at - b.at);
  let lowest = -Infinity;
  for (const end of ends) {
    end.at = Math.max(end.at, lowest + LABEL_APART);
    lowest = end.at;
  }
  const over = Math.max(0, lowest - (HEIGHT - BOTTOM));
  return ends.map(({ name, number, at }) => {
    return text(right + 9, at - over, name, `label f${number % COLOURS.length}`);
  });
}

/** Left of each line, each a little higher than the one before, so that neighbours do not collide. */
function labelsAtRise(chart: LineChart, x: Scale, y: Scale): readonly string[] {
  const tops = chart.series.map(({ points }) => Math.max(...points.map(([, value]) => value)));
  return chart.series.map(({ name, points }, number) => {
    const level = (tops[number] ?? 1) * (0.3 + 0.2 * number);
    const risen = points.find(([, value]) => value >= level) ?? points.at(-1) ?? [0, 0];
    return text(x.at(risen[0]) - 10, y.at(level), name, `label end f${number % COLOURS.length}`);
  });
}

function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" class="${name}"/>`;
}

function text(x: number, y: number, content: string, name: string): string {
  return `<text x="${px(x)}" y="${px(y)}" class="${name}">${escapeHtml(content)}</text>`;
}

/** A tenth of a pixel is enough, and the same on every machine. */
function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Told apart by those who see red and green alike too (after Okabe and Ito), in light and in dark. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ['#0b62a4', '#62b0ee'],
  ['#c1530a', '#f09a4f'],
  ['#00795a', '#3cc79d'],
  ['#a3437f', '#e08fc0'],
  ['#6b5f00', '#d9c84a'],
  ['#4a5363', '#aab4c4'],
];

const STYLE = `
.plot { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.plot text { fill: #1c2330; } .plot .soft, .plot .mark { fill: #5b6474; }
.plot .title { font-size: 15px; font-weight: 650; } .plot .label { font-weight: 600; }
.plot .middle { text-anchor: middle; } .plot .end { text-anchor: end; }
.plot .grid { stroke: #e3e7ed; } .plot .axis { stroke: #9aa4b5; }
.plot .here { stroke: #9aa4b5; stroke-dasharray: 3 4; }
.plot .curve { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; } .plot .dashed { stroke-dasharray: 6 5; }
${COLOURS.map(([light], i) => `.plot .c${i} { stroke: ${light}; } .plot .f${i} { fill: ${light}; }`).join('\n')}
@media (prefers-color-scheme: dark) {
.plot text { fill: #e6e9ef; } .plot .soft, .plot .mark { fill: #9aa4b5; }
.plot .grid { stroke: #303846; } .plot .axis, .plot .here { stroke: #66718a; }
${COLOURS.map(([, dark], i) => `.plot .c${i} { stroke: ${dark}; } .plot .f${i} { fill: ${dark}; }`).join('\n')}
}
`;
