import type { Session } from './session.ts';
import type { Tree } from './tree.ts';
import type { Znode } from './znode.ts';

const TWO_TO_32 = 0x1_0000_0000;
const PRIME_A = 0x9e3779b1;
const PRIME_B = 0x85ebca77;
const SEED_A = 0x243f6a88;
const SEED_B = 0x13198a2e;

/** Rises when equal states get other digests than before: those of two versions are not compared. */
export const DIGEST_VERSION = 1;

/** A digest at one moment, as two numbers of 32 bits. */
export interface DigestValue {
  readonly a: number;
  readonly b: number;
}

/**
 * A digest of everything that is replicated, kept up to date as it changes: each znode and each session
 * is hashed by itself, and the hashes are summed, so that a change costs what it touches, whatever the
 * size of the tree. What a znode's Stat is made of (but for the number of children, which follows from
 * which znodes there are) and its data are hashed apart: a parent whose children change is not hashed
 * with its data. What goes is hashed again as it is then, not as it was
 * remembered, so that data which was overwritten by mistake shows.
 *
 * It finds nodes that differ; it is no protection against somebody who wants it not to.
 */
export class StateDigest implements DigestValue {
  a = 0;
  b = 0;
  readonly #hash = new Hash();

  /** Everything about a znode that comes. */
  add(znode: Znode): void {
    this.addStat(znode);
    this.addData(znode);
  }

  /** Everything about a znode that goes. */
  subtract(znode: Znode): void {
    this.subtractStat(znode);
    this.subtractData(znode);
  }

  addStat(znode: Znode): void {
    this.#add(this.#hash.ofStat(znode));
  }

  subtractStat(znode: Znode): void {
    this.#subtract(this.#hash.ofStat(znode));
  }

  addData(znode: Znode): void {
    this.#add(this.#hash.ofData(znode));
  }

  subtractData(znode: Znode): void {
    this.#subtract(this.#hash.ofData(znode));
  }

  addSession(session: Session): void {
    this.#add(this.#hash.ofSession(session));
  }

  subtractSession(session: Session): void {
    this.#subtract(this.#hash.ofSession(session));
  }

  /** Back to what it was at another time. */
  set({ a, b }: DigestValue): void {
    this.a = a;
    this.b = b;
  }

  #add(hash: Hash): void {
    this.a = (this.a + hash.a) | 0;
    this.b = (this.b + hash.b) | 0;
  }

  #subtract(hash: Hash): void {
    this.a = (this.a - hash.a) | 0;
    this.b = (this.b - hash.b) | 0;
  }
}

/** 16 hexadecimal digits. */
export function digestText({ a, b }: DigestValue): string {
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

/** The same from scratch: looks at everything, which takes most of a second for a million znodes. */
export function digestOf(tree: Tree, sessions: ReadonlyMap<number, Session>): DigestValue {
  const digest = new StateDigest();
  for (const znode of tree.znodes.values()) digest.add(znode);
  for (const session of sessions.values()) digest.addSession(session);
  return digest;
}

/** Of the contents of an ACL; which list it is on a node is that node's own affair. */
export function hashOfAcl(key: string): number {
  return new Hash().ofText(key).a;
}

/** Takes words of 32 bits into two lanes; one object, so that hashing makes none. */
class Hash {
  a = 0;
  b = 0;
  /** Taken last, and what it came to. */
  #text = '';
  #textA = SEED_A;
  #textB = SEED_B;

  ofText(text: string): this {
    this.#begin(text);
    return this.#end();
  }

  ofStat(znode: Znode): this {
    this.#begin(znode.path);
    this.#number(znode.czxid);
    this.#number(znode.mzxid);
    this.#number(znode.pzxid);
    this.#number(znode.ctime);
    this.#number(znode.mtime);
    this.#number(znode.kind);
    this.#number(znode.childrenCreated);
    this.#word(znode.version);
    this.#word(znode.aversion);
    this.#word(znode.acl.hash);
    return this.#end();
  }

  ofData(znode: Znode): this {
    const { data } = znode;
    this.#begin(znode.path);
    this.#word(data === null ? -1 : data.length);
    if (data !== null) this.#bytes(data);
    return this.#end();
  }

  ofSession({ id, timeoutMs, owner, passwd }: Session): this {
    this.#begin('');
    this.#number(id);
    this.#word(timeoutMs);
    this.#word(owner);
    for (const byte of passwd) this.#word(byte);
    return this.#end();
  }

  /** A change hashes the same path several times in a row. */
  #begin(text: string): void {
    if (text !== this.#text) this.#take(text);
    this.a = this.#textA;
    this.b = this.#textB;
  }

  #take(text: string): void {
    this.a = SEED_A ^ text.length;
    this.b = SEED_B;
    for (let i = 0; i < text.length; i++) this.#word(text.charCodeAt(i));
    this.#text = text;
    this.#textA = this.a;
    this.#textB = this.b;
  }

  #word(word: number): void {
    const a = Math.imul(this.a ^ word, PRIME_A);
    this.a = (a << 13) | (a >>> 19);
    const b = Math.imul(this.b ^ word, PRIME_B);
    this.b = (b << 15) | (b >>> 17);
  }

  /** A whole number of up to 53 bits. */
  #number(value: number): void {
    this.#word(value | 0);
    this.#word(Math.floor(value / TWO_TO_32) | 0);
  }

  /**
   * Data is where the slab has put it, at a multiple of four bytes, and is read by words, four lanes
   * at once: a byte at a time takes three times as long.
   */
  #bytes(data: Uint8Array): void {
    const count = data.length >> 2;
    const words = new Int32Array(data.buffer, data.byteOffset, count);
    let { a, b } = this;
    let c = PRIME_A ^ a;
    let d = PRIME_B ^ b;
    let at = 0;
    for (; at + 3 < count; at += 4) {
      a = Math.imul(a ^ words[at]!, PRIME_A);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b ^ words[at + 1]!, PRIME_B);
      b = (b << 15) | (b >>> 17);
      c = Math.imul(c ^ words[at + 2]!, PRIME_A);
      c = (c << 11) | (c >>> 21);
      d = Math.imul(d ^ words[at + 3]!, PRIME_B);
      d = (d << 17) | (d >>> 15);
    }
    this.a = a ^ Math.imul(c, PRIME_B);
    this.b = b ^ Math.imul(d, PRIME_A);
    for (; at < count; at++) this.#word(words[at]!);
    for (let i = count * 4; i < data.length; i++) this.#word(data[i]!);
    this.#word(this.a ^ d);
    this.#word(this.b ^ c);
  }

  #end(): this {
    const a = mix(this.a ^ Math.imul(this.b, PRIME_A));
    this.b = mix(this.b ^ Math.imul(this.a, PRIME_B));
    this.a = a;
    return this;
  }
}

/** Spreads every bit over all others (the finisher of MurmurHash3). */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
