/*
 * The client's side of the SASL mechanism DIGEST-MD5 (RFC 2831) as ZooKeeper's servers speak it:
 * quality of protection `auth`, algorithm md5-sess, one round. It keeps the password off the wire,
 * no more than that: use TLS where the network is not trusted.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SaslCredential } from '../options.ts';

/** What ZooKeeper's servers call their service, whatever host they are on. */
const DIGEST_URI = 'zookeeper/zk-sasl-md5';
const FIRST_USE = '00000001';

/**
 * The answer to a server's challenge.
 *
 * @param clientNonce for tests; otherwise by chance
 * @param digestUri for tests; otherwise ZooKeeper's
 */
export function answerChallenge(
  challenge: Uint8Array,
  { username, password }: SaslCredential,
  clientNonce = randomBytes(18).toString('base64'),
  digestUri = DIGEST_URI,
): Uint8Array {
  const fields = parseFields(Buffer.from(challenge).toString('utf8'));
  const realm = fields.get('realm') ?? '';
  const nonce = fields.get('nonce') ?? '';
  const owner = md5(Buffer.from(`${username}:${realm}:${password}`));
  const secret = md5(Buffer.concat([owner, Buffer.from(`:${nonce}:${clientNonce}`)]));
  const request = md5(Buffer.from(`AUTHENTICATE:${digestUri}`));
  const proof = [secret.toString('hex'), nonce, FIRST_USE, clientNonce, 'auth'];
  const response = md5(Buffer.from([...proof, request.toString('hex')].join(':'))).toString('hex');
  const answer = [
    'charset=utf-8',
    `username="${quote(username)}"`,
    `realm="${quote(realm)}"`,
    `nonce="${quote(nonce)}"`,
    `nc=${FIRST_USE}`,
    `cnonce="${clientNonce}"`,
    `digest-uri="${digestUri}"`,
    `response=${response}`,
    'qop=auth',
  ];
  return Buffer.from(answer.join(','));
}

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

function quote(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}

/** `name=value` and `name="value"`, with commas between. */
function parseFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const match of text.matchAll(/([a-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]*))/g)) {
    const [, name = '', quoted, plain = ''] = match;
    fields.set(name, quoted?.replace(/\\(.)/g, '$1') ?? plain);
  }
  return fields;
}
