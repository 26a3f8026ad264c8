/*
 * RESP2, the protocol of Redis: requests are arrays of bulk strings, `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`, or one
 * line of words.
 */
const CRLF = '\r\n';
const ARGUMENTS_MAX = 10_000;
const ARGUMENT_BYTES_MAX = 8 * 1024 * 1024;

/** What a server answers; a Buffer or null as a bulk string. */
export type Reply = string | number | Buffer | null | RespError | Simple | readonly Reply[];

/** An answer that is an error. */
export class RespError extends Error {}

/** A word such as OK. */
export class Simple {
  readonly word: string;

  constructor(word: string) {
    this.word = word;
  }
}

export const OK = new Simple('OK');

/** What a client sends is not RESP. */
export class ProtocolError extends Error {}

/** Takes bytes as they come, and gives requests once they are whole. */
export class RequestReader {
  #bytes = Buffer.alloc(0);

  /** @throws ProtocolError */
  add(bytes: Buffer): Buffer[][] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const requests: Buffer[][] = [];
    for (;;) {
      const request = this.#next();
      if (request === undefined) return requests;
      if (request.length > 0) requests.push(request);
    }
  }

  #next(): Buffer[] | undefined {
    const head = this.#line(0);
    if (head === undefined) return undefined;
    if (!head.text.startsWith('*')) {
      this.#bytes = this.#bytes.subarray(head.end);
      return head.text
        .split(/\s+/)
        .filter(Boolean)
        .map((word) => Buffer.from(word, 'latin1'));
    }
    let at = head.end;
    const request: Buffer[] = [];
    for (let left = countIn(head.text, ARGUMENTS_MAX); left > 0; left--) {
      const line = this.#line(at);
      if (line === undefined) return undefined;
      if (!line.text.startsWith('$')) throw new ProtocolError(`expected '$', got '${line.text}'`);
      const end = line.end + countIn(line.text, ARGUMENT_BYTES_MAX);
      if (this.#bytes.length < end + CRLF.length) return undefined;
      request.push(Buffer.from(this.#bytes.subarray(line.end, end)));
      at = end + CRLF.length;
    }
    this.#bytes = this.#bytes.subarray(at);
    return request;
  }

  #line(from: number): { readonly text: string; readonly end: number } | undefined {
    const at = this.#bytes.indexOf(CRLF, from);
    if (at === -1) return undefined;
    return { text: this.#bytes.toString('latin1', from, at), end: at + CRLF.length };
  }
}

function countIn(line: string, countMax: number): number {
  const count = Number(line.slice(1));
  if (Number.isInteger(count) && count >= 0 && count <= countMax) return count;
  throw new ProtocolError(`invalid length '${line}'`);
}

/** What goes over the wire. */
export function encodeReply(reply: Reply): Buffer {
  if (reply === null) return Buffer.from(`$-1${CRLF}`);
  if (typeof reply === 'number') return Buffer.from(`:${reply}${CRLF}`);
  if (reply instanceof Simple) return Buffer.from(`+${reply.word}${CRLF}`);
  if (reply instanceof RespError) return Buffer.from(`-${reply.message}${CRLF}`);
  if (typeof reply === 'string' || Buffer.isBuffer(reply)) {
    const bytes = Buffer.from(reply);
    return Buffer.concat([Buffer.from(`$${bytes.length}${CRLF}`), bytes, Buffer.from(CRLF)]);
  }
  return Buffer.concat([Buffer.from(`*${reply.length}${CRLF}`), ...reply.map(encodeReply)]);
}
