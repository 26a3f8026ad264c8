import type { Random } from './random.ts';

/** Lengths, counts and versions that programs get wrong. */
const INTERESTING = [
  0, 1, -1, -2, 4, 8, 16, 255, 65_535, 0xff_ffff, 0xf_ffff, 0x10_0000, 0x7fff_ffff, -0x8000_0000,
  0x4000_0000, 0x2000_0000,
];
const JUNK_BYTES_MAX = 40;

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const flipBits: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(bytes.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
  }
  return changed;
};

const setByte: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  changed[random.below(bytes.length)] = random.pick([0, 1, 0x7f, 0x80, 0xc0, 0xff]);
  return changed;
};

/** A length or a count that lies. */
const setInt: Mutation = (bytes, random) => {
  if (bytes.length < 4) return bytes;
  const changed = Buffer.from(bytes);
  changed.writeInt32BE(random.pick(INTERESTING), random.below(bytes.length - 3));
  return changed;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const extend: Mutation = (bytes, random) =>
  Buffer.concat([bytes, random.bytes(1 + random.below(JUNK_BYTES_MAX))]);

const cutOut: Mutation = (bytes, random) => {
  const from = random.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(8))]);
};

const repeat: Mutation = (bytes, random) => {
  const from = random.below(bytes.length);
  const to = Math.min(bytes.length, from + 1 + random.below(JUNK_BYTES_MAX));
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
};

/** The beginning of one valid request and the end of another. */
const splice: Mutation = (bytes, random, other) =>
  Buffer.concat([
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  flipBits,
  setByte,
  setInt,
  setInt,
  truncate,
  extend,
  cutOut,
  repeat,
  splice,
];

/** `bytes` with one to three faults; `other` is a valid request to take parts from. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let mutated = bytes;
  for (let i = random.below(3); i >= 0; i--) {
    if (mutated.length === 0) return other.slice();
    mutated = random.pick(MUTATIONS)(mutated, random, other);
  }
  return mutated;
}
