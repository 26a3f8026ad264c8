import { connect } from 'node:net';

export interface Server {
  readonly host: string;
  readonly port: number;
}

/** More than any answer: a peer that is no such server must not fill the memory. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Asks with a four-letter word and resolves with all that comes before the server hangs up.
 * Rejects when it cannot be reached or takes longer than `timeoutMs`.
 */
export function askWord(server: Server, word: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = connect(server.port, server.host);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    socket.on('connect', () => socket.write(word));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) fail(new Error('the answer is too long'));
    });
    socket.on('error', fail);
    socket.on('end', () => {
      clearTimeout(timer);
      socket.end();
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

export function nameOf({ host, port }: Server): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
