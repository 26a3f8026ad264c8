import { type Mutant, patch } from './mutant.ts';

/** Bugs of the log and its files. */
export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    name: 'flush-does-nothing',
    what: 'a write is called durable as soon as the kernel has it',
    patches: [
      patch(
        'storage/src/log-writer.ts',
        'segment.file.writeThrough(bytes, batch.position, (error) => this.#onWritten(segment, error));',
        `segment.file.write(bytes, batch.position);
      segment.file.writeThrough(bytes.subarray(0, 0), 0, (error) => this.#onWritten(segment, error));`,
      ),
    ],
    seedsMax: 20,
  },
  {
    name: 'answered-before-flush',
    what: 'flush() answers while the write is under way',
    patches: [
      patch(
        'storage/src/log-writer.ts',
        `    this.#waitingNext.push(onDone);
    if (!this.#isWriting) this.#write();`,
        `    if (!this.#isWriting) this.#write();
    onDone(undefined);`,
      ),
    ],
    seedsMax: 20,
  },
  {
    name: 'write-error-ignored',
    what: 'a write that failed is taken for done',
    patches: [
      patch(
        'storage/src/log-writer.ts',
        "if (error !== undefined) return this.#fail(ioFailedError(segment.path, 'writing', error));\n    this.#persistedIndex",
        'this.#persistedIndex',
      ),
      patch(
        'storage/src/log-writer.ts',
        '#onWritten(segment: Segment, error: Error | undefined): void {',
        '#onWritten(segment: Segment, _error: Error | undefined): void {',
      ),
    ],
    seedsMax: 200,
  },
  {
    name: 'torn-tail-trusted',
    what: 'checksums of records are not looked at when the log is opened',
    patches: [
      patch(
        'storage/src/batch-reader.ts',
        'return view.getUint32(at, true) === crcOfRange(bytes, at + 4, at + length) ? length : 0;',
        'return view.getUint32(at, true) === crcOfRange(bytes, at + 4, at + 4) ? 0 : length;',
      ),
    ],
    seedsMax: 800,
  },
  {
    name: 'segment-name-not-flushed',
    what: 'the directory is not flushed after a segment got its name',
    patches: [
      patch('storage/src/segment-files.ts', 'this.#fileSystem.syncDirectory(this.#directory);', ''),
    ],
    seedsMax: 200,
  },
  {
    name: 'recovered-log-not-flushed',
    what: 'what is found at the start may be in the page cache only, and is relied upon',
    patches: [
      patch(
        'storage/src/recovery.ts',
        `if (file.size() < this.#options.segmentBytes) file.truncate(this.#options.segmentBytes);
    file.sync();`,
        'if (file.size() < this.#options.segmentBytes) file.truncate(this.#options.segmentBytes);',
      ),
    ],
    seedsMax: 800,
  },
  {
    name: 'conflict-replayed-as-gap',
    what: 'replay keeps the entries that a later record replaced',
    patches: [
      patch(
        'storage/src/replay.ts',
        'this.map.add(index, term, segment, at);',
        'if (index > this.map.lastIndex) this.map.add(index, term, segment, at);',
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'snapshot-not-flushed',
    what: 'a snapshot gets its name before its content is on the disk',
    patches: [
      patch(
        'storage/src/snapshot-writer.ts',
        'this.#file.syncLater((error) => this.#onFlushed(error, onDone));',
        'this.#onFlushed(undefined, onDone);',
      ),
    ],
    seedsMax: 400,
  },
  {
    name: 'snapshot-name-not-flushed',
    what: 'the log is cut before the name of the snapshot that covers it is on the disk',
    patches: [
      patch(
        'storage/src/snapshot-store.ts',
        'fileSystem.syncDirectory(directory);',
        'if (index < 0) fileSystem.syncDirectory(directory);',
      ),
    ],
    seedsMax: 400,
  },
  {
    name: 'checkpoint-without-vote',
    what: 'a new segment begins without the vote, and the old one is removed',
    patches: [
      patch(
        'storage/src/log-writer.ts',
        'hardState: this.#hardState,\n      firstSegment',
        'hardState: { ...this.#hardState, vote: 0 },\n      firstSegment',
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'batch-number-left-out',
    what: 'batches are numbered with gaps, so that recovery takes a good one for a bad one',
    patches: [
      patch(
        'storage/src/log-writer.ts',
        'this.#begin(batch.sequence + 1, next === undefined ? batch.end : SEGMENT_HEADER_BYTES);',
        'this.#begin(batch.sequence + 2, next === undefined ? batch.end : SEGMENT_HEADER_BYTES);',
      ),
    ],
    seedsMax: 20,
  },
  {
    name: 'segments-removed-too-early',
    what: 'segments go before the record that says so is durable',
    patches: [
      patch(
        'storage/src/log-writer.ts',
        'this.#unneededAfter = this.#filling.sequence;',
        'this.#unneededAfter = 0;\n    this.#removeUnneeded();',
      ),
    ],
    seedsMax: 200,
    faults: ['powerInOperation'],
  },
];
