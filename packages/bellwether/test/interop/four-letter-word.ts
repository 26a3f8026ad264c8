import { connect } from 'node:net';

const ANSWER_TIMEOUT_MS = 2000;

/**
 * Asks a server on loopback a four-letter word (srvr, mntr, dgst, ...); undefined when it
 * doesn't answer.
 */
export function askFourLetterWord(port: number, word: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(word));
    socket.on('data', (text) => (answer += String(text)));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer === '' ? undefined : answer));
  });
}
