import type { PeerMessage } from '@bellwether/cluster';
import {
  type ByteWriter,
  PEER_PROTOCOL,
  type PeerProtocol,
  readHello,
  writeHello,
} from '@bellwether/cluster/testing';
import type { NodeId } from '@bellwether/raft';
import type { RandomSource } from '../random.ts';
import { written } from './frame-codec.ts';

/** A build, as its peers notice it. */
export interface Edition {
  readonly name: string;
  readonly protocol: PeerProtocol;
  /** It says what this build does not know: more fields, other messages. */
  readonly says: 'whatIsKnown' | 'more';
}

/** What these sources are. */
export const THIS_EDITION: Edition = {
  name: 'this build',
  protocol: PEER_PROTOCOL,
  says: 'whatIsKnown',
};

/** The next release, as docs/ARCHITECTURE.md allows it to be. */
export const NEXT_EDITION: Edition = {
  name: 'the next build',
  protocol: { version: PEER_PROTOCOL.version + 1, oldest: PEER_PROTOCOL.oldest },
  says: 'more',
};

const MORE_FIELDS = 0.5;
const MORE_MESSAGES = 0.02;
const MORE_BYTES_MAX = 24;
/** Types of message that no build has yet. */
const UNKNOWN_TYPES = { from: 200, to: 255 } as const;
/** What services say to each other begins with a number; a negative one that nobody knows. */
const UNKNOWN_SERVICE_KIND = -1000;

/** Whether one of this edition and one of the other can talk: as their production code decides it. */
export function understandEachOther(one: Edition, other: Edition): boolean {
  const hello = { clusterId: 'simulated', from: 1, to: 2, offer: undefined };
  const called = written((writer) => writeHello(writer, { ...hello, protocol: one.protocol }));
  return readHello(called, other.protocol).kind === 'hello';
}

/** What a newer build adds behind the fields that are known. */
export function moreFields(random: RandomSource): (writer: ByteWriter) => void {
  const isThere = random.chance(MORE_FIELDS);
  const bytes = isThere ? noise(random) : new Uint8Array(0);
  return (writer) => writer.raw(bytes);
}

/** Now and then a newer build says something else: the body of a frame, or a message of its service. */
export function somethingElse(
  random: RandomSource,
  from: NodeId,
  to: NodeId,
): Uint8Array | PeerMessage | undefined {
  if (!random.chance(MORE_MESSAGES)) return undefined;
  if (random.chance(0.5)) {
    const type = random.between(UNKNOWN_TYPES.from, UNKNOWN_TYPES.to);
    return written((writer) => {
      writer.u8(type);
      writer.raw(noise(random));
    });
  }
  const bytes = written((writer) => {
    writer.u32(UNKNOWN_SERVICE_KIND >>> 0);
    writer.raw(noise(random));
  });
  return { type: 'ServiceMessage', from, to, bytes };
}

function noise(random: RandomSource): Uint8Array {
  const length = random.between(1, MORE_BYTES_MAX);
  return Uint8Array.from({ length }, () => random.below(256));
}
