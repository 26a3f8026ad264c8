/*
 * What the two ends of a node say to each other when a process boundary lies between them, each message
 * in a frame:
 *
 *   kind u8 | what it is about
 *
 * What passes with every batch of commands has a form of its own, and so has what is told in the midst of a change of
 * leader; all else is V8's serialization, which both ends share because they are the same build on the same machine.
 */
import { deserialize, serialize } from 'node:v8';
import type { Entry } from '@bellwether/raft';
import { assert } from '../assert.ts';
import type { Leadership } from '../service.ts';
import { ByteReader } from '../wire/bytes.ts';
import type { ByteWriter } from '../wire/bytes.ts';
import { roleCode, roleOf } from '../wire/message-codec.ts';
import { writeEntries } from './committed-batch.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';

/** The first message of the service: what node this is. */
export interface Begin {
  readonly type: 'begin';
  readonly options: ConsensusOptions;
}

const OTHER = 0;
const COMMANDS = 1;
const APPLIED = 2;
const COMMITTED = 3;
const LEADERSHIP = 4;

export function writeToConsensus(writer: ByteWriter, message: ToConsensus | Begin): void {
  switch (message.type) {
    case 'commands':
      writer.u8(COMMANDS);
      return writer.raw(message.batch);
    case 'applied':
      writer.u8(APPLIED);
      return writer.f64(message.index);
    default:
      return writeOther(writer, message);
  }
}

/** Nothing of what is read lies in the frame. */
export function readToConsensus(frame: Uint8Array): ToConsensus | Begin {
  const reader = new ByteReader(frame);
  const kind = reader.u8();
  if (kind === COMMANDS) return { type: 'commands', batch: copyOf(reader) };
  if (kind === APPLIED) return { type: 'applied', index: reader.f64(), buffers: [] };
  assert(kind === OTHER, 'both ends are the same build');
  return deserialize(copyOf(reader)) as ToConsensus | Begin;
}

/** All but committed entries, which `writeCommitted` writes. */
export function writeToService(writer: ByteWriter, message: ToService): void {
  if (message.type !== 'leadership') return writeOther(writer, message);
  const { role, term, leaderId, isServing } = message.leadership;
  writer.u8(LEADERSHIP);
  writer.u8(roleCode(role));
  writer.f64(term);
  writer.u32(leaderId);
  writer.u8(isServing ? 1 : 0);
}

export function writeCommitted(writer: ByteWriter, entries: readonly Entry[]): void {
  writer.u8(COMMITTED);
  writer.f64(entries[0]?.index ?? 0);
  writeEntries(writer, entries);
}

/** Of what is read only committed entries lie in the frame. */
export function readToService(frame: Uint8Array): ToService {
  const reader = new ByteReader(frame);
  const kind = reader.u8();
  if (kind === COMMITTED) {
    return { type: 'committed', firstIndex: reader.f64(), bytes: reader.raw(reader.remaining) };
  }
  if (kind === LEADERSHIP) return { type: 'leadership', leadership: readLeadership(reader) };
  assert(kind === OTHER, 'both ends are the same build');
  return deserialize(copyOf(reader)) as ToService;
}

function readLeadership(reader: ByteReader): Leadership {
  const role = roleOf(reader.u8());
  const term = reader.f64();
  const leaderId = reader.u32();
  return { role, term, leaderId, isServing: reader.u8() === 1 };
}

/** The rest: a frame is read into a buffer that is used again. */
function copyOf(reader: ByteReader): Uint8Array {
  return new Uint8Array(reader.raw(reader.remaining));
}

function writeOther(writer: ByteWriter, message: unknown): void {
  writer.u8(OTHER);
  writer.raw(serialize(message));
}
