import { crc32 } from 'node:zlib';

const TABLE = makeTable();
/** Below this many bytes the table is faster than a call into native code. */
const NATIVE_FROM_BYTES = 64;

function makeTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    }
    table[byte] = value;
  }
  return table;
}

/** CRC-32 (IEEE 802.3) of `bytes[from..to)`, continued from `seed`, by table: for short ranges. */
export function crcOfShort(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let crc = ~seed;
  for (let at = from; at < to; at += 1) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

/** CRC-32 of all of `bytes`, continued from `seed`; makes no view. */
export function crcOf(bytes: Uint8Array, seed: number): number {
  if (bytes.length < NATIVE_FROM_BYTES) return crcOfShort(bytes, 0, bytes.length, seed);
  return crc32(bytes, seed);
}

/** CRC-32 of `bytes[from..to)`; makes a view when the range is long. */
export function crcOfRange(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < NATIVE_FROM_BYTES) return crcOfShort(bytes, from, to, 0);
  return crc32(bytes.subarray(from, to));
}
