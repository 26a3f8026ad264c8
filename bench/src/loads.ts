/** One line of the table. */
export interface Load {
  readonly name: string;
  readonly operation: 'set' | 'get' | 'mixed';
  /** Sessions, over all client processes. */
  readonly clients: number;
  /** Operations that each session keeps in flight. */
  readonly window: number;
  readonly dataBytes: number;
  /** Share of reads; the rest are writes. */
  readonly readPercent: number;
}

export const LOADS: readonly Load[] = [
  { name: 'set-1x1', operation: 'set', clients: 1, window: 1, dataBytes: 100, readPercent: 0 },
  { name: 'set-3x200', operation: 'set', clients: 3, window: 200, dataBytes: 100, readPercent: 0 },
  { name: 'set-30x50', operation: 'set', clients: 30, window: 50, dataBytes: 1000, readPercent: 0 },
  {
    name: 'get-30x50',
    operation: 'get',
    clients: 30,
    window: 50,
    dataBytes: 1000,
    readPercent: 100,
  },
  {
    name: 'mixed-30x50',
    operation: 'mixed',
    clients: 30,
    window: 50,
    dataBytes: 1000,
    readPercent: 70,
  },
];

/** What a load is, in words. */
export function describeLoad(load: Load): string {
  const reads = load.operation === 'mixed' ? `, ${load.readPercent} % reads` : '';
  const clients = load.clients === 1 ? '1 client' : `${load.clients} clients`;
  return `${load.operation}, ${clients} x window ${load.window}, ${load.dataBytes} B${reads}`;
}
