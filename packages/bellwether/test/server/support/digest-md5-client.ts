import { createHash } from 'node:crypto';

type Fields = Readonly<Record<string, string | undefined>>;

function fieldsOf(text: string): Fields {
  const pairs = text.matchAll(/([a-z-]+)=(?:"([^"]*)"|([^",]*))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, plain]) => [name, quoted ?? plain]));
}

/** The client's side of RFC 2831, section 2.1.2, written down as it stands there. */
export function answerTo(challenge: string, user: string, password: string, change = {}): string {
  const asked = fieldsOf(challenge);
  const said: Fields = {
    ...{ username: user, realm: asked['realm'], nonce: asked['nonce'], nc: '00000001' },
    ...{ cnonce: 'abc+/=', qop: 'auth', 'digest-uri': 'zookeeper/zk-sasl-md5' },
    ...change,
  };
  return (
    `charset=utf-8,username="${user}",realm="${said['realm']}",nonce="${said['nonce']}",` +
    `nc=${said['nc']},cnonce="${said['cnonce']}",digest-uri="${said['digest-uri']}",` +
    `maxbuf=65536,response=${responseOf(said, password)},qop=${said['qop']}`
  );
}

/** The same answer, but to another challenge. */
export function answeredAnew(answer: string, challenge: string, password: string): string {
  const nonce = fieldsOf(challenge)['nonce'] ?? '';
  const response = responseOf({ ...fieldsOf(answer), nonce }, password);
  return answer
    .replace(/(?<![a-z])nonce="[^"]*"/, `nonce="${nonce}"`)
    .replace(/response=[0-9a-f]{32}/, `response=${response}`);
}

function responseOf(said: Fields, password: string): string {
  const isLatin1 = (text: string) => Buffer.from(text, 'latin1').toString('latin1') === text;
  const raw = (text = '') => Buffer.from(text, isLatin1(text) ? 'latin1' : 'utf8');
  const h = (bytes: Buffer) => createHash('md5').update(bytes).digest();
  const colon = Buffer.from(':');
  const owner = [raw(said['username']), colon, raw(said['realm']), colon, raw(password)];
  const authzid = said['authzid'] === undefined ? '' : `:${said['authzid']}`;
  const session = Buffer.from(`:${said['nonce']}:${said['cnonce']}${authzid}`);
  const a1 = Buffer.concat([h(Buffer.concat(owner)), session]);
  const a2 = Buffer.from(`AUTHENTICATE:${said['digest-uri']}`);
  const middle = `${said['nonce']}:${said['nc']}:${said['cnonce']}:${said['qop'] ?? 'auth'}`;
  const kd = `${h(a1).toString('hex')}:${middle}:${h(a2).toString('hex')}`;
  return h(Buffer.from(kd)).toString('hex');
}
