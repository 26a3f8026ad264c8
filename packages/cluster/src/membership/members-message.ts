/*
 * What nodes say to each other about their membership, beside the log: JSON in UTF-8, rare and small.
 */
import type { LogIndex, NodeId, RequestId } from '@bellwether/raft';
import { isCount, isMembers, isRecord, parseJson, writeJson } from './json.ts';
import { readMembers } from './members-codec.ts';
import type { Member, MembersOutcome, MembersRefusal } from './members.ts';

/** "Bring this about": from the node where it was asked for to the leader. */
export interface ChangeRequest {
  readonly kind: 'change';
  readonly requestId: RequestId;
  readonly changeId: string;
  readonly ifVersion: LogIndex;
  readonly members: readonly Member[];
}

/** What became of it. */
export interface ChangeAnswer {
  readonly kind: 'answer';
  readonly requestId: RequestId;
  readonly outcome: MembersOutcome;
}

/** "You are no member any more", from a node that knows so to one that may have been away. */
export interface Dismissal {
  readonly kind: 'dismissal';
  readonly version: LogIndex;
}

export type MembersMessage = ChangeRequest | ChangeAnswer | Dismissal;

/** Sends a message to another node's consensus thread, or to this one's. */
export type SendMembersMessage = (to: NodeId, message: MembersMessage) => void;

export function encodeMembersMessage(message: MembersMessage): Uint8Array {
  return writeJson(message);
}

/** undefined when these bytes are no such message. */
export function decodeMembersMessage(bytes: Uint8Array): MembersMessage | undefined {
  const value = parseJson(bytes);
  if (!isRecord(value)) return undefined;
  const { kind, requestId, version } = value;
  if (kind === 'dismissal') return isCount(version) ? { kind, version } : undefined;
  if (!isCount(requestId)) return undefined;
  if (kind === 'change') return readChange(requestId, value);
  const outcome = kind === 'answer' ? readOutcome(value['outcome']) : undefined;
  return outcome === undefined ? undefined : { kind: 'answer', requestId, outcome };
}

function readChange(requestId: RequestId, value: Record<string, unknown>) {
  const { changeId, ifVersion, members } = value;
  if (typeof changeId !== 'string' || !isCount(ifVersion) || !isMembers(members)) return undefined;
  return { kind: 'change' as const, requestId, changeId, ifVersion, members };
}

const REFUSALS = ['versionMismatch', 'noQuorum', 'badMembers'] as const;

function readOutcome(value: unknown): MembersOutcome | undefined {
  if (!isRecord(value)) return undefined;
  const { outcome, message } = value;
  const members = readMembers(value['members']);
  if (members === undefined) return undefined;
  if (outcome === 'changed') return { outcome, members };
  const reason: MembersRefusal | undefined = REFUSALS.find((name) => name === value['reason']);
  if (outcome !== 'refused' || reason === undefined || typeof message !== 'string')
    return undefined;
  return { outcome, reason, message, members };
}
