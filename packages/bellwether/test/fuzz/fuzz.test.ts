import { expect, it } from 'vitest';
import { ConfigFuzz } from './config-target.ts';
import { DecoderFuzz } from './decoder-target.ts';
import { FilesFuzz } from './files-target.ts';
import type { Counts } from './fuzz-failure.ts';
import { PeerFuzz } from './peer-target.ts';
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

it('reads or refuses what comes from other nodes, in words of its own', () => {
  const counts: Counts = new Map();
  new PeerFuzz(new Random(1), counts).run(20_000);
  for (const what of ['read: AppendEntries', 'refused: PEER_PROTOCOL', 'malformed batches']) {
    expect(counts.get(what), what).toBeGreaterThan(0);
  }
});

it('opens no damaged data directory with a wrong answer', () => {
  const counts: Counts = new Map();
  new FilesFuzz(new Random(1), counts).run(300);
  for (const what of [
    '.seg whole',
    '.seg refused: corruptSegment',
    '.snap refused: corruptSnapshot',
  ]) {
    expect(counts.get(what), what).toBeGreaterThan(0);
  }
});

it('understands settings or names every mistake in them', () => {
  const counts: Counts = new Map();
  new ConfigFuzz(new Random(1), counts).run(1_000);
  for (const kind of ['yaml', 'zoo.cfg']) {
    for (const what of ['understood', 'refused']) {
      expect(counts.get(`${kind} ${what}`), `${kind} ${what}`).toBeGreaterThan(0);
    }
  }
});
