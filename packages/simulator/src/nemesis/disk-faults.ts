import type { DiskOperation, FaultyFileSystem } from '@bellwether/storage/testing';
import { DATA_DIRECTORY, GOOD_DISK } from '../node/disk.ts';
import type { RandomSource } from '../random.ts';
import type { Fault } from './cluster.ts';
import { pickRunning } from './cluster.ts';
import { crash } from './process-faults.ts';
import { later, pressOn, snapshotOf } from './steps.ts';

const SLOW_MS_MAX = 1500;
const STUCK_MS_MAX = 3000;
const FULL_MS_MAX = 1000;
const FAILING_MS_MAX = 500;
const AMBUSH_MS = 2000;
const SECTOR_BYTES = 512;
/** The newest segment is written to, and the next one is prepared. */
const SEGMENTS_IN_USE = 2;

/** Each of them happens now and then. */
const OPERATIONS: readonly DiskOperation[] = [
  'create',
  'write',
  'writeThrough',
  'truncate',
  'sync',
  'syncLater',
  'rename',
  'remove',
  'syncDirectory',
];

const slowDisk: Fault = {
  name: 'slowDisk',
  weight: 2,
  strike: ({ world, random, nodes }) => {
    const { disk, id } = random.pick(nodes);
    const flushMsMax = random.range(5, 150);
    world.note(`${id} disk is slow: up to ${flushMsMax.toFixed(0)} ms`);
    disk.speed = { flushMsMin: flushMsMax / 4, flushMsMax };
    world.after(random.range(50, SLOW_MS_MAX), () => {
      disk.speed = GOOD_DISK;
    });
    return true;
  },
};

/** What the disk holds after that is anybody's guess: the node has to end, unless it does without. */
const failingDisk: Fault = {
  name: 'failingDisk',
  weight: 1.5,
  strike: ({ world, random, nodes }) => {
    const { disk, id } = random.pick(nodes);
    const kind = random.chance(0.5) ? 'writeThrough' : random.pick(OPERATIONS);
    world.note(`${id} disk fails in the next ${kind}`);
    disk.failNext(kind);
    world.after(random.range(50, FAILING_MS_MAX), () => disk.mend());
    return true;
  },
};

/** The power goes in the midst of an operation of a certain kind, and there is reason for one. */
const powerInOperation: Fault = {
  name: 'powerInOperation',
  weight: 2,
  strike: (victim) => {
    const { world, random, nodes, isOver } = victim;
    const node = random.pick(nodes);
    const kind = random.pick(OPERATIONS);
    world.note(`power: waits for the next ${kind} of ${node.id}`);
    node.disk.lieInWait(kind, () =>
      world.soon(() => {
        if (node.process === undefined || isOver()) return;
        world.note(`${node.id} in the midst of a ${kind}`);
        crash(victim, node, 'power');
      }),
    );
    pressOn(victim, node, random.between(1, 6), random.range(1, 30));
    later(victim, random.range(5, 200), () => snapshotOf(node));
    world.after(AMBUSH_MS, () => node.disk.giveUpWaiting());
    return true;
  },
};

/** A flush that seems never to end. */
const stuckDisk: Fault = {
  name: 'stuckDisk',
  weight: 1,
  strike: (victim) => {
    const node = pickRunning(victim);
    if (node === undefined) return false;
    const { world, random } = victim;
    const { disk, id } = node;
    const flushMs = random.range(400, STUCK_MS_MAX);
    world.note(`${id} disk is stuck for ${flushMs.toFixed(0)} ms`);
    disk.speed = { flushMsMin: flushMs, flushMsMax: flushMs };
    world.after(random.range(5, 50), () => {
      disk.speed = GOOD_DISK;
    });
    return true;
  },
};

/** Nothing new can be written for a while: the node ends, and can't start before there is room. */
const fullDisk: Fault = {
  name: 'fullDisk',
  weight: 1,
  strike: ({ world, random, nodes }) => {
    const { disk, id } = random.pick(nodes);
    world.note(`${id} disk is full`);
    disk.fill();
    world.after(random.range(20, FULL_MS_MAX), () => {
      world.note(`${id} disk has room again`);
      disk.fileSystem.isFull = false;
    });
    return true;
  },
};

export const DISK_FAULTS: readonly Fault[] = [
  slowDisk,
  failingDisk,
  powerInOperation,
  stuckDisk,
  fullDisk,
];

/** Damages a file of a node's, of those that it must be able to notice. */
const rot = (name: string, damage: (place: Rot) => void): Fault => ({
  name,
  weight: 2,
  strike: ({ world, random, nodes, network }) => {
    const spoiled = nodes.filter(({ disk }) => disk.isSpoiled);
    const spoiledMax = Math.floor((network.nodeIds.length - 1) / 2);
    const node = random.pick(spoiled.length < spoiledMax ? nodes : spoiled);
    const { fileSystem } = node.disk;
    const path = fileThatMayRot(fileSystem, random);
    if (path === undefined) return false;
    const length = fileSystem.contentOf(path).length;
    node.disk.isSpoiled = true;
    const offset = random.below(length);
    world.note(`${node.id} disk rots: ${name} in ${path} at ${offset}`);
    damage({ fileSystem, path, offset, length, random });
    return true;
  },
});

interface Rot {
  readonly fileSystem: FaultyFileSystem;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly random: RandomSource;
}

/**
 * A snapshot, or a segment of the log that is full: damage at the log's end can't be told from a write
 * that the power cut tore.
 */
function fileThatMayRot(fileSystem: FaultyFileSystem, random: RandomSource): string | undefined {
  const names = fileSystem.list(DATA_DIRECTORY);
  const segments = names.filter((name) => name.endsWith('.seg')).slice(0, -SEGMENTS_IN_USE);
  const snapshots = names.filter((name) => name.endsWith('.snap'));
  const files = [...segments, ...snapshots];
  return files.length === 0 ? undefined : `${DATA_DIRECTORY}/${random.pick(files)}`;
}

const bitFlip = rot('bitFlip', ({ fileSystem, path, offset, random }) => {
  fileSystem.flipBit(path, offset, random.below(8));
});

/** What belonged elsewhere was written here. */
const misdirectedWrite = rot('misdirectedWrite', ({ fileSystem, path, offset, length, random }) => {
  const to = offset - (offset % SECTOR_BYTES);
  const from = random.below(length);
  const elsewhere = fileSystem.contentOf(path).slice(from - (from % SECTOR_BYTES));
  fileSystem.overwrite(path, to, elsewhere.subarray(0, Math.min(SECTOR_BYTES, length - to)));
});

/** Can't be read any more. */
const latentSectorError = rot('latentSectorError', ({ fileSystem, path, offset }) => {
  fileSystem.makeUnreadable(path, offset);
});

export const ROT_FAULTS: readonly Fault[] = [bitFlip, misdirectedWrite, latentSectorError];
