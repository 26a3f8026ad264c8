import { ErrorCode, OpCode, writeSaslToken } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { connect, failure, make, one, useTwoServers, world } from '../support/two-servers.ts';

useTwoServers();

describe('a proof that is added', () => {
  it('resolves when the server has accepted it', async () => {
    const client = await connect();
    await client.addAuth('digest', 'ann:secret');
    expect(one.opCodes).toEqual([OpCode.auth]);
  });

  it('rejects when it is refused, and closes the client', async () => {
    const client = await connect();
    one.react = () => ({ error: ErrorCode.authFailed });
    expect((await failure(client.addAuth('digest', 'x'))).code).toBe('authFailed');
    expect(client.state).toBe('closed');
    expect((await failure(client.addAuth('digest', 'x'))).code).toBe('closed');
  });

  it('waits for a connection no longer than it may, and is presented all the same', async () => {
    one.mode = 'refusing';
    const client = make('one');
    const adding = failure(client.addAuth('digest', 'ann:secret', { timeoutMs: 100 }));
    await world.advance(100);
    expect((await adding).code).toBe('operationTimeout');
    one.mode = 'up';
    await world.advance(3_000);
    expect(one.opCodes).toEqual([OpCode.auth]);
  });
});

it('a proof by SASL leaves no timer behind', async () => {
  const challenge = Buffer.from('realm="zk",nonce="once",qop="auth",algorithm=md5-sess');
  one.react = ({ opCode }) => {
    if (opCode !== OpCode.sasl) return 'answer';
    return { error: ErrorCode.ok, body: (writer) => writeSaslToken(writer, { token: challenge }) };
  };
  const client = await connect('one', { sasl: { username: 'ann', password: 'secret' } });
  expect(one.opCodes).toEqual([OpCode.sasl, OpCode.sasl]);
  const closing = client.close();
  await world.advance(0);
  await closing;
  expect(world.timerCount).toBe(0);
});

it('a proof by SASL that fails leaves no timer behind either', async () => {
  one.react = ({ opCode }) => (opCode === OpCode.sasl ? { error: ErrorCode.authFailed } : 'answer');
  make('one', { sasl: { username: 'ann', password: 'wrong' } });
  await world.advance(0);
  expect(world.timerCount).toBe(0);
});
