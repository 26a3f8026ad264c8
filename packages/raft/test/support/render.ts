import { decodeMembership } from '../../src/membership-codec.ts';
import type { Message } from '../../src/messages.ts';
import type { Ready } from '../../src/ready.ts';
import type { Entry, Membership, RaftStatus, SnapshotMetadata } from '../../src/types.ts';

/** Everything a transcript shows, one line each. `3.7` is the entry of term 3 at index 7. */
export function renderEntry(entry: Entry): string {
  return `${entry.term}.${entry.index}${renderData(entry)}`;
}

export function renderEntries(entries: readonly Entry[]): string {
  return entries.length === 0 ? 'nothing' : entries.map(renderEntry).join(' ');
}

function text(data: Uint8Array): string {
  return String.fromCharCode(...data);
}

export function bytes(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}

function renderData(entry: Entry): string {
  if (entry.kind === 'noop') return '';
  if (entry.kind === 'command') return `:${text(entry.data)}`;
  const decoding = decodeMembership(entry.data);
  return decoding.outcome === 'decoded' ? `:${renderMembership(decoding.membership)}` : ':?';
}

function renderMembership(membership: Membership): string {
  const { voters, votersOutgoing, learners } = membership;
  const outgoing = votersOutgoing.length > 0 ? `&${votersOutgoing.join(',')}` : '';
  const learning = learners.length > 0 ? `~${learners.join(',')}` : '';
  return `(${voters.join(',')}${outgoing}${learning})`;
}

export function renderSnapshot(snapshot: SnapshotMetadata): string {
  return `${snapshot.term}.${snapshot.index}${renderMembership(snapshot.membership)}`;
}

export function renderMessage(message: Message): string {
  return `${message.from}->${message.to} ${message.type} term=${message.term}${details(message)}`;
}

function details(message: Message): string {
  switch (message.type) {
    case 'RequestPreVote':
      return ` last=${message.lastTerm}.${message.lastIndex}`;
    case 'RequestVote':
      return ` last=${message.lastTerm}.${message.lastIndex}${message.isTransfer ? ' transfer' : ''}`;
    case 'RequestPreVoteResponse':
    case 'RequestVoteResponse':
      return message.granted ? ' granted' : ' refused';
    case 'AppendEntries':
      return ` prev=${message.prevTerm}.${message.prevIndex} commit=${message.commit} entries=${renderEntries(message.entries)}`;
    case 'AppendEntriesResponse':
      return message.accepted
        ? ` accepted=${message.index}`
        : ` refused=${message.index} hint=${message.hintTerm}.${message.hintIndex}`;
    case 'Heartbeat':
      return ` commit=${message.commit} round=${message.round}`;
    case 'CommitNotice':
      return ` commit=${message.commit}`;
    case 'HeartbeatResponse':
      return ` round=${message.round}`;
    case 'InstallSnapshot':
      return ` snapshot=${renderSnapshot(message.snapshot)}`;
    case 'HandOver':
      return ` successor=${message.successor} last=${message.lastTerm}.${message.lastIndex}`;
    case 'ReadIndexRequest':
      return ` request=${message.requestId}${message.basis === 'quorum' ? ' quorum' : ''}`;
    case 'ReadIndexResponse':
      return ` request=${message.requestId} index=${message.index}`;
  }
}

/** What a node's batch of work does, apart from its messages, which show when they are delivered. */
export function renderReady(id: number, ready: Ready): readonly string[] {
  const lines: string[] = [];
  const { softState, hardState, snapshot } = ready;
  if (softState !== undefined) {
    const leader = softState.leaderId === 0 ? 'nobody' : String(softState.leaderId);
    lines.push(`${id} is ${softState.role}, leader is ${leader}`);
  }
  if (hardState !== undefined) {
    const { term, vote, commit } = hardState;
    lines.push(`${id} writes term=${term} vote=${vote} commit=${commit}`);
  }
  if (snapshot !== undefined) lines.push(`${id} restores ${renderSnapshot(snapshot)}`);
  if (ready.entries.length > 0) lines.push(`${id} appends ${renderEntries(ready.entries)}`);
  if (ready.committedEntries.length > 0) {
    lines.push(`${id} applies ${renderEntries(ready.committedEntries)}`);
  }
  for (const { requestId, index } of ready.readStates) {
    lines.push(`${id} may read: request ${requestId} at ${index}`);
  }
  return lines;
}

export function renderStatus(status: RaftStatus): readonly string[] {
  const { id, role, term, vote, leaderId, membership, transferTarget } = status;
  const transfer = transferTarget === 0 ? '' : ` transfer=${transferTarget}`;
  const head =
    `${id} ${role} term=${term} vote=${vote} leader=${leaderId} log=${status.firstIndex}..` +
    `${status.lastIndex} persisted=${status.persistedIndex} commit=${status.commitIndex} ` +
    `applied=${status.appliedIndex} members=${renderMembership(membership)}${transfer}`;
  return [head, ...status.progress.map(renderProgress)];
}

function renderProgress(progress: RaftStatus['progress'][number]): string {
  const { nodeId, state, match, next, recentlyActive, isLearner } = progress;
  const kind = isLearner ? ' learner' : '';
  const activity = recentlyActive ? '' : ' silent';
  return `  ${nodeId}: ${state} match=${match} next=${next}${kind}${activity}`;
}
