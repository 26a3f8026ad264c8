import {
  ErrorCode,
  JuteReader,
  OpCode,
  readMultiReadResponse,
  writeMultiReadRequest,
} from '@bellwether/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { TestServer } from './support/test-server.ts';

const LARGE_BYTES = 1_000_000;

let server: TestServer;
afterEach(() => server.stop());

function readsOf(path: string, count: number) {
  return Array.from({ length: count }, () => ({ opCode: OpCode.getData, path }));
}

describe('a multiRead whose answer would be far longer than a frame', () => {
  it('gets an error, and costs no more than a few frames of memory', async () => {
    server = await TestServer.start();
    const client = await server.client();
    await client.create('/large', 'x'.repeat(LARGE_BYTES));
    // 40 GB, were it all written.
    const hostile = await client.send(OpCode.multiRead, (writer) =>
      writeMultiReadRequest(writer, readsOf('/large', 40_000)),
    );
    expect(hostile.error).toBe(ErrorCode.marshallingError);
    expect(hostile.body).toHaveLength(0);

    const modest = await client.send(OpCode.multiRead, (writer) =>
      writeMultiReadRequest(writer, [...readsOf('/large', 1), ...readsOf('/missing', 1)]),
    );
    const results = readMultiReadResponse(new JuteReader(modest.body));
    expect(results.map(({ opCode }) => opCode)).toEqual([OpCode.getData, OpCode.error]);
  });
});
