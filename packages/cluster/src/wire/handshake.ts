/*
 * The first frame in each direction of a connection between peers.
 *
 * Dialer:   'H' | magic u32 | version u8 | oldest u8 | clusterId text | from u32 | to u32
 *           | the InstallSnapshot message that is offered, as bytes; none for a connection of messages
 * Acceptor: 'A' | version u8 | oldest u8, or 'R' | reason text, and then it closes
 *
 * What either speaks is a range of versions; over the connection the newest is spoken that both know. Up
 * to the version this layout stays as it is for ever, and so does a refusal, so that any two builds can say
 * why they don't understand each other. Fields that are added come last: who does not know them passes
 * over them. docs/ARCHITECTURE.md says when a version is raised.
 */
import type { InstallSnapshot, NodeId } from '@bellwether/raft';
import { ClusterError } from '../errors.ts';
import type { ByteWriter } from './bytes.ts';
import { ByteReader } from './bytes.ts';
import { readMessage, writeMessage } from './message-codec.ts';

const MAGIC = 0x42574c52;

const HELLO = 0x48;
const ACCEPT = 0x41;
const REFUSE = 0x52;

/** The versions of the peers' protocol that a build speaks, from `oldest` to `version`. */
export interface PeerProtocol {
  readonly version: number;
  readonly oldest: number;
}

/** This build's. */
export const PEER_PROTOCOL: PeerProtocol = { version: 4, oldest: 4 };

export interface Hello {
  readonly protocol: PeerProtocol;
  readonly clusterId: string;
  readonly from: NodeId;
  readonly to: NodeId;
  /** Present when the connection carries a snapshot instead of messages. */
  readonly offer: InstallSnapshot | undefined;
}

/** The newest version that both speak; undefined when there is none. */
export function commonVersion(own: PeerProtocol, other: PeerProtocol): number | undefined {
  const version = Math.min(own.version, other.version);
  return version >= Math.max(own.oldest, other.oldest) ? version : undefined;
}

/** What a node says to one that it does not understand. */
function describeMismatch(own: PeerProtocol, other: PeerProtocol): string {
  const both = `version ${rangeOf(other)} of the peers' protocol, but this node speaks ${rangeOf(own)}`;
  return `${both}; builds of neighbouring releases understand each other`;
}

const rangeOf = ({ version, oldest }: PeerProtocol): string =>
  oldest === version ? String(version) : `${oldest} to ${version}`;

export function writeHello(writer: ByteWriter, hello: Hello): void {
  const { protocol, offer } = hello;
  writer.u8(HELLO);
  writer.u32(MAGIC);
  writer.u8(protocol.version);
  writer.u8(protocol.oldest);
  writer.text(hello.clusterId);
  writer.u32(hello.from);
  writer.u32(hello.to);
  const lengthAt = writer.skipU32();
  const offerAt = writer.length;
  if (offer !== undefined) writeMessage(writer, offer);
  writer.setU32(lengthAt, writer.length - offerAt);
}

/** A hello, or the reason why one of another build can't be read further. */
export type Greeting =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'otherVersion'; readonly reason: string };

/**
 * @param own what this node speaks
 * @throws ClusterError PEER_PROTOCOL when this is no hello, or a malformed one
 */
export function readHello(body: Uint8Array, own: PeerProtocol = PEER_PROTOCOL): Greeting {
  const reader = new ByteReader(body);
  if (reader.u8() !== HELLO || reader.u32() !== MAGIC) {
    throw new ClusterError('PEER_PROTOCOL', 'this is not a Bellwether peer');
  }
  const protocol = readProtocol(reader);
  if (commonVersion(own, protocol) === undefined) {
    return { kind: 'otherVersion', reason: describeMismatch(own, protocol) };
  }
  const clusterId = reader.text();
  const from = reader.u32();
  const to = reader.u32();
  const offer = readOffer(reader.bytes(), from, to);
  return { kind: 'hello', hello: { protocol, clusterId, from, to, offer } };
}

function readOffer(bytes: Uint8Array, from: NodeId, to: NodeId): InstallSnapshot | undefined {
  if (bytes.length === 0) return undefined;
  const offer = readMessage(bytes, from, to);
  if (offer?.type === 'InstallSnapshot') return offer;
  const what = offer?.type ?? 'something unknown';
  throw new ClusterError('PEER_PROTOCOL', `a snapshot is offered by ${what}`);
}

/** Builds before version 3 spoke one version only, and said nothing else of it. */
function readProtocol(reader: ByteReader): PeerProtocol {
  const version = reader.u8();
  return { version, oldest: version < 3 ? version : reader.u8() };
}

export function writeAccept(writer: ByteWriter, protocol: PeerProtocol): void {
  writer.u8(ACCEPT);
  writer.u8(protocol.version);
  writer.u8(protocol.oldest);
}

export function writeRefusal(writer: ByteWriter, reason: string): void {
  writer.u8(REFUSE);
  writer.text(reason);
}

/** @throws ClusterError PEER_PROTOCOL with the acceptor's reason when it refused. */
export function readAnswer(body: Uint8Array, own: PeerProtocol = PEER_PROTOCOL): void {
  const reader = new ByteReader(body);
  const code = reader.u8();
  if (code === REFUSE) throw new ClusterError('PEER_PROTOCOL', `refused: ${reader.text()}`);
  if (code !== ACCEPT) throw new ClusterError('PEER_PROTOCOL', 'this is not a Bellwether peer');
  const protocol = { version: reader.u8(), oldest: reader.u8() };
  if (commonVersion(own, protocol) !== undefined) return;
  throw new ClusterError('PEER_PROTOCOL', describeMismatch(own, protocol));
}
