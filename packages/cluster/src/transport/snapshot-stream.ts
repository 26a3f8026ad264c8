/*
 * A snapshot travels on a connection of its own, so that heartbeats never wait behind it: after the
 * handshake that offers it, the sender writes a frame for each chunk, 'C' | bytes, as fast as the
 * kernel takes them, and 'E' at the end; the receiver answers 'I' once the snapshot is durable.
 */
import { ClusterError } from '../errors.ts';
import type { FrameSocket } from './frame-socket.ts';
import type { SnapshotSink, SnapshotSource } from './transport.ts';

const CHUNK = 0x43;
const END = 0x45;
const INSTALLED = 0x49;

export type SnapshotOutcome = 'installed' | 'failed';

/** Sends all of `source` over a connection whose handshake is done. */
export function sendSnapshot(
  socket: FrameSocket,
  source: SnapshotSource,
  onDone: (outcome: SnapshotOutcome) => void,
): void {
  let outcome: SnapshotOutcome = 'failed';
  socket.handler = {
    onFrame: (body) => {
      if (body[0] === INSTALLED) outcome = 'installed';
      socket.destroy();
    },
    onClose: () => {
      source.close();
      onDone(outcome);
    },
  };
  sendChunks(socket, source);
}

function sendChunks(socket: FrameSocket, source: SnapshotSource): void {
  for (;;) {
    const chunk = readChunk(socket, source);
    if (chunk === undefined) return;
    const hasRoom = socket.write((writer) => {
      writer.u8(CHUNK);
      writer.raw(chunk);
    });
    if (!hasRoom) return socket.onDrain(() => sendChunks(socket, source));
  }
}

function readChunk(socket: FrameSocket, source: SnapshotSource): Uint8Array | undefined {
  try {
    const chunk = source.readChunk();
    if (chunk === undefined) socket.write((writer) => writer.u8(END));
    return chunk;
  } catch (error) {
    socket.destroy(error instanceof Error ? error : new Error(String(error)));
    return undefined;
  }
}

/** Feeds what arrives into `sink`, and answers when it is durable. */
export function takeSnapshot(socket: FrameSocket, sink: SnapshotSink): void {
  let isComplete = false;
  socket.handler = {
    onFrame: (body) => {
      if (body[0] === CHUNK && !isComplete) return sink.write(body.subarray(1));
      if (body[0] !== END) throw new ClusterError('PEER_PROTOCOL', 'a malformed snapshot stream');
      isComplete = true;
      sink.commit((error) => {
        if (error !== undefined) return socket.destroy(error);
        socket.write((writer) => writer.u8(INSTALLED));
        socket.end();
      });
    },
    onClose: () => {
      if (!isComplete) sink.abort();
    },
  };
}
