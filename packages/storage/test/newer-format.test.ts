import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SEGMENT_HEADER_BYTES } from '../src/format.ts';
import type { FaultyFileSystem } from '../src/testing/index.ts';
import { DIRECTORY, entriesOf, machine, openOn } from './harness.ts';

const MEMBERSHIP = { voters: [1, 2, 3], votersOutgoing: [], learners: [] };

/** A log and a snapshot, as a node leaves them that was stopped. */
function left(): FaultyFileSystem {
  const { disk, queue } = machine();
  const log = openOn(disk);
  log.append(entriesOf(1, 60, 1));
  log.flush(() => undefined);
  const writer = log.beginSnapshot({ index: 20, term: 1, membership: MEMBERSHIP });
  writer.write(new Uint8Array(100));
  writer.commit((error) => expect(error).toBeUndefined());
  queue.runAll();
  log.close();
  queue.runAll();
  disk.killProcess();
  return disk;
}

const pathOf = (disk: FaultyFileSystem, extension: string): string =>
  `${DIRECTORY}/${disk.list(DIRECTORY).findLast((name) => name.endsWith(extension))}`;

/** As a build would have written it whose format has the next number: magic, version and checksum stay. */
function makeNewer(disk: FaultyFileSystem, path: string, headerBytes: number): void {
  const header = Buffer.from(disk.contentOf(path).subarray(0, headerBytes));
  header.writeUInt32LE(header.readUInt32LE(8) + 1, 8);
  header.writeUInt32LE(crc32(header.subarray(0, headerBytes - 4)), headerBytes - 4);
  disk.overwrite(path, 0, header);
}

function contentsOf(disk: FaultyFileSystem): readonly string[] {
  const names = disk.list(DIRECTORY);
  return names.map((name) => `${name} ${crc32(disk.contentOf(`${DIRECTORY}/${name}`))}`);
}

describe('a file that a newer build has written', () => {
  it.each([
    ['a segment', '.seg', () => SEGMENT_HEADER_BYTES],
    // Magic and version come first, then the header's length.
    ['a snapshot', '.snap', (content: Uint8Array) => Buffer.from(content).readUInt32LE(12)],
  ])('is refused with what to do, and left alone: %s', (_what, extension, headerBytesOf) => {
    const disk = left();
    const path = pathOf(disk, extension);
    makeNewer(disk, path, headerBytesOf(disk.contentOf(path)));
    const before = contentsOf(disk);
    const open = (): unknown => openOn(disk);
    expect(open).toThrow(expect.objectContaining({ code: 'newerFormat', file: path, offset: 8 }));
    expect(open).toThrow('was written by a newer version. Start that version again.');
    expect(contentsOf(disk)).toEqual(before);
  });
});
