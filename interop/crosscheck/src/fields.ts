import { JuteReader, ProtocolError } from '@bellwether/protocol';

/**
 * One value of a reply and what it takes to be the same: exact; a zxid, by its order among the
 * others; a time, about the same; a session, by which of the tool's it is.
 */
export interface Field {
  readonly name: string;
  readonly kind: 'exact' | 'zxid' | 'time' | 'session';
  readonly value: string | number;
}

/** Reads jute into a list of fields. Longs that are session ids stay in hexadecimal digits. */
export class FieldReader {
  readonly fields: Field[] = [];
  readonly #reader: JuteReader;

  constructor(bytes: Uint8Array) {
    this.#reader = new JuteReader(bytes);
  }

  get remaining(): number {
    return this.#reader.remaining;
  }

  byte(name: string): number {
    return this.#add(name, 'exact', this.#reader.readByte());
  }

  int(name: string): number {
    return this.#add(name, 'exact', this.#reader.readInt());
  }

  zxid(name: string): number {
    return this.#add(name, 'zxid', this.#reader.readLong());
  }

  time(name: string): number {
    return this.#add(name, 'time', this.#reader.readLong());
  }

  session(name: string): string {
    return this.#add(name, 'session', hexOf(this.#reader.readRaw(8)));
  }

  /** Texts are compared by their bytes: how they are encoded is part of the answer. */
  text(name: string): string {
    const bytes = this.#reader.readBuffer();
    return this.#add(name, 'exact', bytes === null ? 'null' : printable(bytes));
  }

  data(name: string): void {
    const bytes = this.#reader.readBuffer();
    this.#add(name, 'exact', bytes === null ? 'null' : printable(bytes));
  }

  /** Bytes that only their length and whether they are all 0 can be compared of. */
  secret(name: string): Uint8Array {
    const bytes = this.#reader.readBuffer() ?? NOTHING;
    const what = bytes.every((byte) => byte === 0) ? 'zeros' : 'random';
    this.#add(name, 'exact', `${bytes.length} bytes, ${what}`);
    return bytes.slice();
  }

  /** Names whose order means nothing; their value is a list in JSON. */
  names(name: string): void {
    const count = this.#reader.readVectorLength(4);
    const names: string[] = [];
    for (let i = 0; i < count; i += 1) names.push(printable(this.#reader.readBuffer() ?? NOTHING));
    this.#add(name, 'exact', count < 0 ? 'null' : `[${names.sort().join()}]`);
  }

  stat(name: string): void {
    this.zxid(`${name}.czxid`);
    this.zxid(`${name}.mzxid`);
    this.time(`${name}.ctime`);
    this.time(`${name}.mtime`);
    this.int(`${name}.version`);
    this.int(`${name}.cversion`);
    this.int(`${name}.aversion`);
    this.session(`${name}.ephemeralOwner`);
    this.int(`${name}.dataLength`);
    this.int(`${name}.numChildren`);
    this.zxid(`${name}.pzxid`);
  }

  /** Whatever is left; nothing is expected to be. */
  rest(): void {
    const { remaining } = this.#reader;
    if (remaining > 0) this.#add('rest', 'exact', hexOf(this.#reader.readRaw(remaining)));
  }

  /** Runs `read`; what can't be read so is shown as it came. */
  attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#add('undecodable', 'exact', error.message);
    }
    this.rest();
  }

  #add<T extends string | number>(name: string, kind: Field['kind'], value: T): T {
    this.fields.push({ name, kind, value });
    return value;
  }
}

const NOTHING = new Uint8Array(0);

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Text where the bytes are UTF-8, hexadecimal digits otherwise. */
function printable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes);
  return isText ? JSON.stringify(text) : `0x${hexOf(bytes)}`;
}
