/**
 * UTF-8 by hand, since pure code has no TextEncoder. ASCII, nearly all there is on this wire, has a
 * path of its own. What is not valid (a lone surrogate, a broken sequence) becomes U+FFFD, which no
 * znode path may contain.
 */

const REPLACEMENT = 0xfffd;
const POOLED_LENGTH_MAX = 96;
const CHUNK_LENGTH = 4096;

/** One array per length, since `fromCharCode` is fastest when it is applied to a plain array. */
const codePool: number[][] = Array.from({ length: POOLED_LENGTH_MAX + 1 }, (_, length) =>
  new Array<number>(length).fill(0),
);

/** Decodes bytes[start..end). The caller has checked the bounds. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  const codes = codePool[length];
  if (codes === undefined) return decodeLong(bytes, start, end);
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]!;
    if (byte >= 0x80) return decodeMultibyte(bytes, start, end);
    codes[i] = byte;
  }
  return String.fromCharCode.apply(null, codes);
}

function decodeLong(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 0x80) return decodeMultibyte(bytes, start, end);
  }
  const codes: number[] = [];
  const parts: string[] = [];
  for (let from = start; from < end; from += CHUNK_LENGTH) {
    const to = Math.min(end, from + CHUNK_LENGTH);
    codes.length = 0;
    for (let i = from; i < to; i++) codes.push(bytes[i]!);
    parts.push(String.fromCharCode.apply(null, codes));
  }
  return parts.join('');
}

function decodeMultibyte(bytes: Uint8Array, start: number, end: number): string {
  const parts: string[] = [];
  let codes: number[] = [];
  let at = start;
  while (at < end) {
    const size = sequenceLength(bytes, at, end);
    const point = size === 0 ? REPLACEMENT : codePoint(bytes, at, size);
    at += size === 0 ? 1 : size;
    if (point >= 0x10000) {
      codes.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      codes.push(point);
    }
    if (codes.length >= CHUNK_LENGTH) {
      parts.push(String.fromCharCode.apply(null, codes));
      codes = [];
    }
  }
  parts.push(String.fromCharCode.apply(null, codes));
  return parts.join('');
}

/** Bytes of the well-formed sequence at `at`, or 0 when there is none (Unicode 15, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + size > end) return 0;
  const second = bytes[at + 1]!;
  const secondMin = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const secondMax = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < secondMin || second > secondMax) return 0;
  for (let i = 2; i < size; i++) {
    if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  }
  return size;
}

function codePoint(bytes: Uint8Array, at: number, size: number): number {
  const first = bytes[at]!;
  if (size === 1) return first;
  let point = size === 2 ? first & 0x1f : size === 3 ? first & 0x0f : first & 0x07;
  for (let i = 1; i < size; i++) point = (point << 6) | (bytes[at + i]! & 0x3f);
  return point;
}

/**
 * Encodes `text` into `target` from `at`, where at least 3 bytes per UTF-16 unit are free. Returns
 * the position behind the last byte.
 */
export function encodeUtf8(text: string, target: Uint8Array, at: number): number {
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return encodeMultibyte(text, i, target, at);
    target[at++] = code;
  }
  return at;
}

function encodeMultibyte(text: string, from: number, target: Uint8Array, at: number): number {
  for (let i = from; i < text.length; i++) {
    let point = text.codePointAt(i)!;
    if (point >= 0x10000) i++;
    else if (point >= 0xd800 && point <= 0xdfff) point = REPLACEMENT;
    at = encodePoint(point, target, at);
  }
  return at;
}

function encodePoint(point: number, target: Uint8Array, at: number): number {
  if (point < 0x80) {
    target[at++] = point;
    return at;
  }
  if (point < 0x800) {
    target[at++] = 0xc0 | (point >> 6);
  } else {
    if (point < 0x10000) {
      target[at++] = 0xe0 | (point >> 12);
    } else {
      target[at++] = 0xf0 | (point >> 18);
      target[at++] = 0x80 | ((point >> 12) & 0x3f);
    }
    target[at++] = 0x80 | ((point >> 6) & 0x3f);
  }
  target[at++] = 0x80 | (point & 0x3f);
  return at;
}
