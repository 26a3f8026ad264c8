import { connect } from 'node:net';
import { SESSION_TIMEOUT_MS } from '../limits.ts';
import { ReplyReader } from '../reply-reader.ts';
import { encodeConnect, encodeCreate, writeRequest } from '../wire.ts';

/** Creates that are in flight at a time. */
const WINDOW = 1_000;
const DATA_BYTES = 100;
/** Children of one znode: a tree, not one endless directory. */
const FAN_OUT = 1_000;

/** Makes a tree of `count` znodes through the server at host:port. */
export async function fillTree(
  host: string,
  count: number,
  onProgress: (text: string) => void,
): Promise<void> {
  const colon = host.lastIndexOf(':');
  const data = Buffer.alloc(DATA_BYTES, 'x');
  await new Promise<void>((resolve, reject) => {
    let sent = 0;
    // The answer to the connect request is counted too.
    let answered = -1;
    const socket = connect(Number(host.slice(colon + 1)), host.slice(0, colon));
    const sendMore = (): void => {
      const frames: Buffer[] = [];
      while (sent < count && sent - answered < WINDOW) {
        sent += 1;
        const frame = encodeCreate(pathOf(sent), data);
        writeRequest(frame, 0, frame, sent);
        frames.push(frame);
      }
      if (frames.length > 0) socket.write(Buffer.concat(frames));
    };
    const reader = new ReplyReader((error) => {
      answered += 1;
      if (answered === 0) return;
      if (error !== 0) return void socket.destroy(new Error(`create failed with error ${error}`));
      if (answered % (count / 10) === 0) onProgress(`${answered} of ${count} znodes are made`);
      if (answered === count) socket.end(resolve);
    });
    socket.on('connect', () => socket.write(encodeConnect(SESSION_TIMEOUT_MS)));
    socket.on('data', (chunk) => {
      reader.feed(chunk);
      sendMore();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${host} closed the connection`)));
  });
}

/** The first of each directory's children is the directory itself. */
function pathOf(number: number): string {
  const directory = Math.ceil(number / FAN_OUT);
  const child = (number - 1) % FAN_OUT;
  return child === 0 ? `/tree-${directory}` : `/tree-${directory}/child-${child}`;
}
