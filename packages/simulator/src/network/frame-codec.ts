import type { PeerMessage } from '@bellwether/cluster';
import {
  ByteWriter,
  FrameSplitter,
  readMessage,
  writeFrame,
  writeMessage,
} from '@bellwether/cluster/testing';

const scratch = new ByteWriter();

/** What `write` writes, in bytes of its own. */
export function written(write: (writer: ByteWriter) => void): Uint8Array {
  scratch.reset();
  write(scratch);
  return new Uint8Array(scratch.view());
}

/** The message as it goes over the wire; `addFields` writes what only newer builds know. */
export function encodeFrame(
  message: PeerMessage,
  addFields: (writer: ByteWriter) => void = () => undefined,
): Uint8Array {
  return frameOf((body) => {
    writeMessage(body, message);
    addFields(body);
  });
}

export function frameOf(writeBody: (writer: ByteWriter) => void): Uint8Array {
  return written((writer) => writeFrame(writer, writeBody));
}

/**
 * What the receiver makes of it: a copy of its own, since processes share no memory.
 *
 * @returns undefined for what only newer builds know
 * @throws ClusterError PEER_PROTOCOL when the frame was damaged on its way
 */
export function decodeFrame(frame: Uint8Array, from: number, to: number): PeerMessage | undefined {
  let message: PeerMessage | undefined;
  let frames = 0;
  const splitter = new FrameSplitter((body) => {
    frames += 1;
    message = readMessage(body, from, to);
  });
  splitter.push(new Uint8Array(frame));
  if (frames !== 1) throw new Error('a frame holds one message');
  return message;
}
