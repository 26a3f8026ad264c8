export type ScaleKind = 'linear' | 'log';

/** Maps values to pixels, and knows where a person would put the marks. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly marks: readonly number[];
}

export interface ScaleRange {
  readonly from: number;
  readonly to: number;
  /** Pixels at `from` and at `to`. */
  readonly pixels: readonly [number, number];
}

const MARKS_WANTED = 6;

export function scaleOf(kind: ScaleKind, range: ScaleRange): Scale {
  const { from, to, pixels } = range;
  const map = kind === 'log' ? Math.log10 : (value: number): number => value;
  const [low, high] = [map(from), map(to)];
  const span = high - low || 1;
  return {
    at: (value) => pixels[0] + ((map(value) - low) / span) * (pixels[1] - pixels[0]),
    marks: kind === 'log' ? logMarks(from, to) : linearMarks(from, to),
  };
}

/** 1, 2 or 5 times a power of ten apart. */
function linearMarks(from: number, to: number): readonly number[] {
  const rough = (to - from || 1) / MARKS_WANTED;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const marks: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to * (1 + 1e-12) + 1e-12; i++) {
    marks.push(Number((i * step).toPrecision(12)));
  }
  return marks;
}

/** Powers of ten, with 2 and 5 between them where there is room; every second or third where there is none. */
function logMarks(from: number, to: number): readonly number[] {
  const decades = Math.log10(to / from);
  const factors = decades <= 1.5 ? [1, 2, 5] : decades <= 3 ? [1, 3] : [1];
  const every = Math.max(1, Math.ceil(decades / (MARKS_WANTED + 2)));
  const marks: number[] = [];
  const first = Math.floor(Math.log10(from) + 1e-9);
  for (let exponent = first; exponent <= Math.ceil(Math.log10(to)); exponent++) {
    if (exponent % every !== 0) continue;
    for (const factor of factors) {
      const value = Number(`${factor}e${exponent}`);
      if (value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9)) marks.push(value);
    }
  }
  return marks;
}
