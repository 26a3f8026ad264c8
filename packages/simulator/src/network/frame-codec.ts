import type { PeerMessage } from '@bellwether/cluster';
import {
  ByteWriter,
  FrameSplitter,
  readMessage,
  writeFrame,
  writeMessage,
} from '@bellwether/cluster/testing';

const writer = new ByteWriter();

/** The message as it goes over the wire. */
export function encodeFrame(message: PeerMessage): Uint8Array {
  writer.reset();
  writeFrame(writer, (body) => writeMessage(body, message));
  return new Uint8Array(writer.view());
}

/**
 * What the receiver makes of it: a copy of its own, since processes share no memory.
 *
 * @throws ClusterError PEER_PROTOCOL when the frame was damaged on its way
 */
export function decodeFrame(frame: Uint8Array, from: number, to: number): PeerMessage {
  let message: PeerMessage | undefined;
  const splitter = new FrameSplitter((body) => (message = readMessage(body, from, to)));
  splitter.push(new Uint8Array(frame));
  if (message === undefined) throw new Error('a frame holds one message');
  return message;
}
