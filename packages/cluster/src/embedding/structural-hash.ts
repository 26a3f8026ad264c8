/** Deeper than that nothing is looked at: a value may hold itself. */
const DEPTH_MAX = 32;
/** No more values are looked at: those that hold each other, or one many times over, unfold without end. */
const VALUES_MAX = 10_000;
const FNV_PRIME = 0x01000193;
const FNV_START = 0x811c9dc5;

const scratch = new DataView(new ArrayBuffer(8));

/**
 * A 32-bit hash of whatever a state machine returns (FNV-1a): equal for values that are built alike, in
 * whatever order the fields of objects were set. Of a value with very many parts, only the first count.
 *
 * @throws whatever a getter in it does
 */
export function hashOf(value: unknown): number {
  const hash = new StructuralHash();
  hash.add(value, 0);
  return hash.sum;
}

/** The same of a text. */
export function hashOfText(text: string): number {
  const hash = new StructuralHash();
  hash.addText(text);
  return hash.sum;
}

class StructuralHash {
  sum = FNV_START;
  #values = 0;

  add(value: unknown, depth: number): void {
    this.#values += 1;
    switch (typeof value) {
      case 'string':
        return this.#tagged('s', value);
      case 'number':
        scratch.setFloat64(0, value);
        this.addText('n');
        return this.#addBytes(new Uint8Array(scratch.buffer));
      case 'bigint':
      case 'boolean':
        return this.#tagged(typeof value, String(value));
      case 'undefined':
      case 'function':
      case 'symbol':
        return this.addText(typeof value);
      case 'object':
        return value === null ? this.addText('null') : this.#addObject(value, depth + 1);
    }
  }

  addText(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      this.#addByte(unit & 0xff);
      this.#addByte(unit >>> 8);
    }
  }

  #addObject(value: object, depth: number): void {
    if (depth > DEPTH_MAX) return this.addText('deep');
    if (ArrayBuffer.isView(value)) {
      this.addText('b');
      return this.#addBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
    if (value instanceof Date) return this.#tagged('d', String(value.getTime()));
    if (value instanceof Error) return this.#tagged('e', `${value.name} ${value.message}`);
    if (Array.isArray(value) || value instanceof Set) return this.#addAll('a', value, depth);
    if (value instanceof Map) return this.#addAll('m', value, depth);
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return this.#addAll('o', fields, depth);
  }

  #addAll(tag: string, values: Iterable<unknown>, depth: number): void {
    this.addText(tag);
    for (const value of values) {
      if (this.#values >= VALUES_MAX) break;
      this.add(value, depth);
    }
    this.addText('end');
  }

  #tagged(tag: string, text: string): void {
    this.addText(tag);
    this.addText(text);
    this.addText('end');
  }

  #addBytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.#addByte(byte);
  }

  #addByte(byte: number): void {
    this.sum = Math.imul(this.sum ^ byte, FNV_PRIME) >>> 0;
  }
}
