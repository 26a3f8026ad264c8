/** How often what happened, for the summary. */
export type Counts = Map<string, number>;

export function count(counts: Counts, what: string, by = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + by);
}

/** Something that must not happen, with the bytes after which it did. */
export class FuzzFailure extends Error {
  constructor(what: string, bytes: Uint8Array, cause?: unknown) {
    const shown = Buffer.from(bytes.subarray(0, 2_000)).toString('hex');
    const more = bytes.length > 2_000 ? ` and ${bytes.length - 2_000} bytes more` : '';
    super(`${what}\n  bytes: ${shown}${more}`, { cause });
    this.name = 'FuzzFailure';
  }
}
