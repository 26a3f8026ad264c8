import { describe, expect, it } from 'vitest';
import type { Entry } from '@bellwether/raft';
import { DIRECTORY, machine, openOn } from './harness.ts';

const entry = (index: number): Entry => ({
  ...{ index, term: 1, kind: 'command' },
  data: new Uint8Array(600),
});

/** A log of several segments. */
function filled() {
  const { disk, queue } = machine();
  const log = openOn(disk);
  for (let index = 1; index <= 40; index++) {
    log.append([entry(index)]);
    log.flush(() => undefined);
    queue.runAll();
  }
  const path = `${DIRECTORY}/${disk.list(DIRECTORY).find((name) => name.endsWith('.seg')) ?? ''}`;
  return { disk, log, path };
}

describe('a sector that the disk can not read any more', () => {
  it('is named, with its file, when an entry in it is asked for', () => {
    const { disk, log, path } = filled();
    disk.makeUnreadable(path, 6000);
    const read = (): unknown => log.entries(1, 40, Infinity);
    expect(read).toThrow(`${path} cannot be read at offset`);
    expect(read).toThrow(expect.objectContaining({ code: 'unreadable', file: path }));
  });

  it('keeps the node from starting, with what is to be done', () => {
    const { disk, path } = filled();
    disk.makeUnreadable(path, 6000);
    disk.killProcess();
    expect(() => openOn(disk)).toThrow(expect.objectContaining({ code: 'unreadable', file: path }));
    expect(() => openOn(disk)).toThrow('start this node with an empty one: the leader fills it');
  });

  it('is as good as new once it is written again', () => {
    const { disk, log, path } = filled();
    disk.makeUnreadable(path, 6000);
    disk.open(path, 'readWrite').write(disk.contentOf(path), 0);
    expect(log.entries(1, 40, Infinity)).toHaveLength(40);
  });
});
