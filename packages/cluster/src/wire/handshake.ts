/*
 * The first frame in each direction of a connection between peers.
 *
 * Dialer:   'H' | magic u32 | version u8 | purpose u8 | clusterId text | from u32 | to u32
 *           and, when the purpose is a snapshot, the InstallSnapshot message that offers it
 * Acceptor: 'A', or 'R' | reason text, and then it closes
 */
import type { InstallSnapshot, NodeId } from '@bellwether/raft';
import { ClusterError } from '../errors.ts';
import type { ByteWriter } from './bytes.ts';
import { ByteReader } from './bytes.ts';
import { readMessage, writeMessage } from './message-codec.ts';

const MAGIC = 0x42574c52;
/** Raised with every change of a message: builds that would misread each other say so instead. */
export const PEER_PROTOCOL_VERSION = 3;

const HELLO = 0x48;
const ACCEPT = 0x41;
const REFUSE = 0x52;

export interface Hello {
  readonly version: number;
  readonly clusterId: string;
  readonly from: NodeId;
  readonly to: NodeId;
  /** Present when the connection carries a snapshot instead of messages. */
  readonly offer: InstallSnapshot | undefined;
}

export function writeHello(writer: ByteWriter, hello: Hello): void {
  writer.u8(HELLO);
  writer.u32(MAGIC);
  writer.u8(hello.version);
  writer.u8(hello.offer === undefined ? 0 : 1);
  writer.text(hello.clusterId);
  writer.u32(hello.from);
  writer.u32(hello.to);
  if (hello.offer !== undefined) writeMessage(writer, hello.offer);
}

/** @throws ClusterError PEER_PROTOCOL when this is not a hello of a version that we understand. */
export function readHello(body: Uint8Array): Hello {
  const reader = new ByteReader(body);
  if (reader.u8() !== HELLO || reader.u32() !== MAGIC) {
    throw new ClusterError('PEER_PROTOCOL', 'this is not a Bellwether peer');
  }
  const version = reader.u8();
  if (version !== PEER_PROTOCOL_VERSION) {
    const ours = `this node speaks version ${PEER_PROTOCOL_VERSION}`;
    throw new ClusterError('PEER_PROTOCOL', `peer protocol version ${version}, but ${ours}`);
  }
  const hasOffer = reader.u8() === 1;
  const clusterId = reader.text();
  const from = reader.u32();
  const to = reader.u32();
  if (!hasOffer) return { version, clusterId, from, to, offer: undefined };
  const offer = readMessage(reader.raw(reader.remaining), from, to);
  if (offer.type === 'InstallSnapshot') return { version, clusterId, from, to, offer };
  throw new ClusterError('PEER_PROTOCOL', `a snapshot is offered by ${offer.type}`);
}

export function writeAccept(writer: ByteWriter): void {
  writer.u8(ACCEPT);
}

export function writeRefusal(writer: ByteWriter, reason: string): void {
  writer.u8(REFUSE);
  writer.text(reason);
}

/** @throws ClusterError PEER_PROTOCOL with the acceptor's reason when it refused. */
export function readAnswer(body: Uint8Array): void {
  const reader = new ByteReader(body);
  const code = reader.u8();
  if (code === ACCEPT) return;
  const reason = code === REFUSE ? `refused: ${reader.text()}` : 'this is not a Bellwether peer';
  throw new ClusterError('PEER_PROTOCOL', reason);
}
