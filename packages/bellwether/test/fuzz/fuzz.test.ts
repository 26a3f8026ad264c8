import { expect, it } from 'vitest';
import { DecoderFuzz } from './decoder-target.ts';
import type { Counts } from './fuzz-failure.ts';
import { Random } from './random.ts';
import { ServerFuzz } from './server-target.ts';

it('decodes and applies whatever comes, and throws nothing but ProtocolError', () => {
  const counts: Counts = new Map();
  for (const seed of [1, 2, 3]) new DecoderFuzz(new Random(seed), counts).run(10_000);
  for (const what of ['decoded', 'applied: created', 'applied: changed', 'failed: noNode']) {
    expect(counts.get(what), what).toBeGreaterThan(0);
  }
});

it('answers or closes every connection, whatever it sends, and serves those beside it', async () => {
  const counts: Counts = new Map();
  for (const seed of [1, 2]) await new ServerFuzz(new Random(seed), counts).run(3_000);
  for (const what of ['replies', 'events', 'sessions', 'connections ended by the server']) {
    expect(counts.get(what), what).toBeGreaterThan(0);
  }
});
