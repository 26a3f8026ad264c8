// Memory of an operation in flight, in a process of its own (`node --expose-gc memory.js NAME`):
// a server in this process takes the connection and answers nothing.
import { createServer, type Socket } from 'node:net';
import { connectSubject, type SubjectName } from './subjects.ts';

const OPERATIONS = 50_000;
/** Handshake: protocol version, timeout, session id, password, read-only, behind their length. */
const HANDSHAKE_BYTES = 4 + 4 + 4 + 8 + 4 + 16 + 1;

function handshake(): Buffer {
  const reply = Buffer.alloc(HANDSHAKE_BYTES);
  reply.writeInt32BE(HANDSHAKE_BYTES - 4, 0);
  reply.writeInt32BE(60_000, 8);
  reply.writeInt32BE(7, 16);
  reply.writeInt32BE(16, 20);
  return reply;
}

async function startSilentServer(): Promise<number> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(handshake());
      socket.resume();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return address.port;
}

async function settledBytes(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const port = await startSilentServer();
const subject = await connectSubject(process.argv[2] as SubjectName, `127.0.0.1:${port}`);
const before = await settledBytes();
const pending = Array.from({ length: OPERATIONS }, () => subject.get('/some/path'));
for (const each of pending) each.catch(() => undefined);
const after = await settledBytes();
const bytes = Math.round((after - before) / OPERATIONS);
process.stdout.write(`${JSON.stringify({ bytes })}\n`, () => process.exit());
