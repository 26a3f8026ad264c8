import { connect } from 'node:net';

/** A server that does not answer by then serves nobody. */
export const FOUR_LETTER_TIMEOUT_MS = 2_000;

/** Asks a server a four-letter word (srvr, ruok, ...). Undefined when it doesn't answer. */
export function askFourLetterWord(host: string, word: string): Promise<string | undefined> {
  const colon = host.lastIndexOf(':');
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(host.slice(colon + 1)), host.slice(0, colon));
    socket.setTimeout(FOUR_LETTER_TIMEOUT_MS, () => socket.destroy());
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(word));
    socket.on('data', (text) => (answer += String(text)));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer === '' ? undefined : answer));
  });
}

/** "leader", "follower", ... as `srvr` has it; undefined when the server doesn't serve. */
export async function askMode(host: string): Promise<string | undefined> {
  const answer = await askFourLetterWord(host, 'srvr');
  return answer === undefined ? undefined : /^Mode: (\w+)/m.exec(answer)?.[1];
}
