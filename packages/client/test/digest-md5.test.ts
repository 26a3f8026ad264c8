import { expect, it } from 'vitest';
import { answerChallenge } from '../src/session/digest-md5.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

it('answers the challenge of RFC 2831, section 4', () => {
  const challenge =
    'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8';
  const credential = { username: 'chris', password: 'secret' };
  const uri = 'imap/elwood.innosoft.com';
  const answer = answerChallenge(Buffer.from(challenge), credential, 'OA6MHXh6VqTrRk', uri);
  expect(text(answer)).toContain('response=d388dad90d4bbd760a152321f2143af7');
});

it('quotes what has to be', () => {
  const challenge = Buffer.from('realm="r\\"s",nonce="n",qop="auth"');
  const answer = text(answerChallenge(challenge, { username: 'u"x\\', password: 'p' }, 'c'));
  expect(answer).toContain('username="u\\"x\\\\",realm="r\\"s",nonce="n",nc=00000001,cnonce="c"');
  expect(answer).toContain('digest-uri="zookeeper/zk-sasl-md5"');
});
