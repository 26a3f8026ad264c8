import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from '../../src/server/ring.ts';

describe('Ring', () => {
  it('is a queue, whatever is pushed and taken in between', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (pushes) => {
        const ring = new Ring<number>();
        const model: number[] = [];
        pushes.forEach((isPush, i) => {
          if (isPush) {
            ring.push(i);
            model.push(i);
          } else {
            expect(ring.shift()).toBe(model.shift());
          }
          expect(ring.size).toBe(model.length);
          expect(ring.first()).toBe(model[0]);
        });
      }),
    );
  });

  it('grows beyond its first capacity without losing the order', () => {
    const ring = new Ring<number>();
    for (let i = 0; i < 10; i++) ring.push(i);
    for (let i = 0; i < 10; i++) expect(ring.shift()).toBe(i);
    for (let i = 0; i < 100; i++) ring.push(i);
    for (let i = 0; i < 100; i++) expect(ring.shift()).toBe(i);
    expect(ring.shift()).toBeUndefined();
  });
});
