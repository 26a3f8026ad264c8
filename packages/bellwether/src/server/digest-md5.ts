/*
 * The server's side of the SASL mechanism DIGEST-MD5 (RFC 2831), as ZooKeeper's clients speak it:
 * quality of protection `auth`, algorithm md5-sess, one round. MD5 is what the mechanism is made of;
 * it keeps the password off the wire, no more than that.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What ZooKeeper's servers call themselves. */
const REALM = 'zk-sasl-md5';
const SERVICE = 'zookeeper';
const FIRST_USE = '00000001';
const RESPONSE_BYTES_MAX = 4_096;

/** done: the client is `user`; its library wants to see `token` as a proof of the server's. */
export type DigestMd5Verdict =
  | { readonly outcome: 'done'; readonly user: string; readonly token: Buffer }
  | { readonly outcome: 'failed'; readonly reason: string };

/** One attempt of a client to prove who it is. */
export class DigestMd5Exchange {
  readonly #nonce = randomBytes(24).toString('base64');
  readonly #users: ReadonlyMap<string, string>;
  #isUsed = false;

  /** @param users passwords by name */
  constructor(users: ReadonlyMap<string, string>) {
    this.#users = users;
  }

  /** What the client is asked first; without a word of quality, as ZooKeeper, which means `auth`. */
  challenge(): Buffer {
    const nonce = this.#nonce;
    return Buffer.from(`realm="${REALM}",nonce="${nonce}",charset=utf-8,algorithm=md5-sess`);
  }

  /** Judges the client's answer; a second one is never right. */
  verify(response: Uint8Array): DigestMd5Verdict {
    if (this.#isUsed) return failed('the challenge was answered before');
    this.#isUsed = true;
    if (response.length > RESPONSE_BYTES_MAX) return failed('the answer is too long');
    const fields = parseFields(response);
    const mistake = this.#mistakeIn(fields);
    if (mistake !== undefined) return failed(mistake);
    const user = fields.get('username') ?? '';
    const password = this.#users.get(user);
    // The same work for a name that is not known, which nobody is to find out by the time it takes.
    const secret = secretOf(user, password ?? randomBytes(16).toString('base64'), fields);
    const expected = Buffer.from(digest(secret, 'AUTHENTICATE', fields));
    const given = Buffer.from(fields.get('response') ?? '');
    const isRight = given.length === expected.length && timingSafeEqual(given, expected);
    if (!isRight || password === undefined) return failed('wrong name or password');
    return { outcome: 'done', user, token: Buffer.from(`rspauth=${digest(secret, '', fields)}`) };
  }

  #mistakeIn(fields: ReadonlyMap<string, string>): string | undefined {
    if (fields.get('nonce') !== this.#nonce) return 'it answers another challenge';
    if (fields.get('nc') !== FIRST_USE) return 'the challenge was answered before';
    if ((fields.get('realm') ?? '') !== REALM) return 'it is for another realm';
    if ((fields.get('qop') ?? 'auth') !== 'auth') return 'it asks for a layer of its own';
    const isOurs = fields.get('digest-uri')?.startsWith(`${SERVICE}/`) === true;
    if (!isOurs) return 'it is for another service';
    return (fields.get('cnonce') ?? '') === '' ? 'it has no cnonce' : undefined;
  }
}

function failed(reason: string): DigestMd5Verdict {
  return { outcome: 'failed', reason };
}

const md5 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Hexadecimal H(A1): the password, bound to this exchange. */
function secretOf(user: string, password: string, fields: ReadonlyMap<string, string>): string {
  const authzid = fields.get('authzid');
  const tail = `:${fields.get('nonce')}:${fields.get('cnonce')}`;
  const session = Buffer.from(authzid === undefined ? tail : `${tail}:${authzid}`);
  const colon = Buffer.from(':');
  const owner = md5(hashed(user), colon, hashed(REALM), colon, hashed(password));
  return md5(owner, session).toString('hex');
}

/** The response-value; `method` is empty in the server's own proof. */
function digest(secret: string, method: string, fields: ReadonlyMap<string, string>): string {
  const a2 = md5(Buffer.from(`${method}:${fields.get('digest-uri')}`)).toString('hex');
  const nonces = `${fields.get('nonce')}:${fields.get('nc')}:${fields.get('cnonce')}`;
  return md5(Buffer.from(`${secret}:${nonces}:${fields.get('qop') ?? 'auth'}:${a2}`)).toString(
    'hex',
  );
}

/** Names are hashed in ISO 8859-1 where that can hold them (section 2.1.2.1). */
function hashed(text: string): Buffer {
  const latin1 = Buffer.from(text, 'latin1');
  return latin1.toString('latin1') === text ? latin1 : Buffer.from(text, 'utf8');
}

/** `name=value` and `name="value"`, with commas between; the first of two with one name counts. */
function parseFields(bytes: Uint8Array): ReadonlyMap<string, string> {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString(buffer.includes('charset=utf-8') ? 'utf8' : 'latin1');
  const fields = new Map<string, string>();
  for (const match of text.matchAll(/([a-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]*))/g)) {
    const [, name = '', quoted, plain = ''] = match;
    if (!fields.has(name)) fields.set(name, quoted?.replace(/\\(.)/g, '$1') ?? plain);
  }
  return fields;
}
