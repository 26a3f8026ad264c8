import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataAt, dataLengthAt, DataSlab, WHOLE_PAGE, type DataPlace } from '../src/data-slab.ts';
import { Znode } from '../src/znode.ts';
import { op, World } from './world.ts';

const nowhere = (): DataPlace => ({ page: null, dataCode: WHOLE_PAGE });

describe('the data slab', () => {
  it.each([100, 700])('keeps a copy of %i bytes of its own, of a buffer too', (length) => {
    const buffer = Buffer.alloc(length + 1, 7).subarray(1);
    const place = nowhere();
    new DataSlab().put(place, buffer);
    buffer.fill(8);
    expect(dataAt(place)?.every((byte) => byte === 7)).toBe(true);
    // Digests read it by words.
    expect((dataAt(place)?.byteOffset ?? 1) % 4).toBe(0);
  });

  it('gives each its own bytes, whatever is put, overwritten and freed (property)', () => {
    const length = fc.oneof(fc.constantFrom(0, 1, 15, 16, 17, 511, 512, 513, 2000), fc.nat(600));
    const step = fc.record({
      kind: fc.constantFrom('put', 'put', 'overwrite', 'free', 'null'),
      which: fc.nat(30),
      length,
      fill: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const slab = new DataSlab();
        const places: { place: DataPlace; bytes: Uint8Array | null }[] = [];
        for (const { kind, which, length: bytesLength, fill } of steps) {
          const bytes = kind === 'null' ? null : new Uint8Array(bytesLength).fill(fill);
          const at = places.length === 0 ? undefined : places[which % places.length];
          if (kind === 'free' && at !== undefined) {
            slab.free(at.place);
            places.splice(places.indexOf(at), 1);
          } else if (kind === 'overwrite' && at !== undefined) {
            if (slab.overwrite(at.place, bytes)) at.bytes = bytes;
          } else {
            const place = nowhere();
            slab.put(place, bytes);
            places.push({ place, bytes });
          }
          for (const { place, bytes: expected } of places) {
            expect(dataAt(place)).toEqual(expected);
            expect(dataLengthAt(place)).toBe(expected?.length ?? 0);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('uses slots again, and lets pages go with their last one', () => {
    const slab = new DataSlab();
    const [first, second] = [nowhere(), nowhere()];
    slab.put(first, new Uint8Array(100).fill(1));
    slab.put(second, new Uint8Array(100).fill(2));
    const { page, dataCode } = first;
    expect(second.page).toBe(page);
    slab.free(first);
    slab.put(first, new Uint8Array(97).fill(3));
    expect(first.page).toBe(page);
    expect(Math.floor(first.dataCode / 1024)).toBe(Math.floor(dataCode / 1024));
    slab.free(first);
    slab.free(second);
    slab.put(first, new Uint8Array(100));
    expect(first.page).not.toBe(page);
  });

  it('fills one page before the next', () => {
    const slab = new DataSlab();
    const pages = new Set<Uint8Array | null>();
    const slots = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const place = nowhere();
      slab.put(place, new Uint8Array(500).fill(i));
      pages.add(place.page);
      slots.add(`${[...pages].indexOf(place.page)} ${place.dataCode}`);
    }
    expect(pages.size).toBe(3);
    expect(slots.size).toBe(300);
  });

  it('overwrites in place what has about the same length', () => {
    const slab = new DataSlab();
    const place = nowhere();
    slab.put(place, new Uint8Array(100).fill(1));
    expect(slab.overwrite(place, new Uint8Array(112).fill(2))).toBe(true);
    expect(dataAt(place)).toEqual(new Uint8Array(112).fill(2));
    for (const other of [new Uint8Array(113), new Uint8Array(0), new Uint8Array(900), null]) {
      expect(slab.overwrite(place, other)).toBe(false);
    }
  });
});

describe('a multi', () => {
  const pageOf = (world: World, path: string): Uint8Array | null => {
    const znode = world.at(path);
    if (!(znode instanceof Znode)) throw new Error('not a znode');
    return znode.page;
  };

  it('gives back the slots that it does not need, whether it succeeds or not', () => {
    const world = new World();
    const data = 'x'.repeat(500);
    world.create('/first', data);
    for (let i = 0; i < 300; i++) {
      const changes = [op.setData('/first', `${data}y`), op.setData('/first', data)];
      world.multi(...changes, op.check('/none', 0));
      world.multi(...changes);
      world.multi(op.create('/a'), op.setData('/a', data), op.delete('/a'), op.check('/none', 0));
      world.multi(op.create('/a'), op.setData('/a', data), op.delete('/a'));
    }
    world.create('/last', data);
    expect(pageOf(world, '/last')).toBe(pageOf(world, '/first'));
    expect(world.dataAt('/first')).toBe(data);
    expect(world.dataAt('/last')).toBe(data);
  });
});
