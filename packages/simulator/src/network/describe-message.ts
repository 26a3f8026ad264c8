import type { PeerMessage } from '@bellwether/cluster';

/** What the transport may lose, double or delay on its own: all that is repeated by those who say it. */
export const LOSSY_TYPES = [
  'RequestPreVote',
  'RequestPreVoteResponse',
  'RequestVote',
  'RequestVoteResponse',
  'AppendEntries',
  'AppendEntriesResponse',
  'Heartbeat',
  'HeartbeatResponse',
  'CommitNotice',
  'HandOver',
  'ReadIndexRequest',
  'ReadIndexResponse',
  'MembersMessage',
  'Vitals',
] as const satisfies readonly PeerMessage['type'][];

export type LossyType = (typeof LOSSY_TYPES)[number];

export function isLossy({ type }: PeerMessage): boolean {
  return (LOSSY_TYPES as readonly string[]).includes(type);
}

/** For the event log. */
export function describeMessage(message: PeerMessage): string {
  const way = `${message.from}>${message.to}`;
  switch (message.type) {
    case 'AppendEntries': {
      const { prevIndex, prevTerm, entries, commit } = message;
      const what = `prev ${prevTerm}/${prevIndex} +${entries.length} commit ${commit}`;
      return `${way} AppendEntries t${message.term} ${what}`;
    }
    case 'AppendEntriesResponse': {
      const answer = message.accepted ? 'ok' : `no ${message.hintTerm}/${message.hintIndex}`;
      return `${way} AppendEntriesResponse t${message.term} ${message.index} ${answer}`;
    }
    case 'RequestVoteResponse':
    case 'RequestPreVoteResponse':
      return `${way} ${message.type} t${message.term} ${message.granted ? 'yes' : 'no'}`;
    case 'RequestVote':
    case 'RequestPreVote':
      return `${way} ${message.type} t${message.term} ${message.lastTerm}/${message.lastIndex}`;
    case 'ReadIndexResponse':
      return `${way} ReadIndexResponse t${message.term} #${message.requestId} ${message.index}`;
    case 'ForwardCommands':
      return `${way} ForwardCommands t${message.term} ${message.batch.length} B`;
    case 'ServiceMessage':
    case 'MembersMessage':
      return `${way} ${message.type} ${message.bytes.length} B`;
    case 'Vitals':
      return `${way} Vitals ${message.vitals.role} t${message.vitals.term}`;
    default:
      return `${way} ${message.type} t${message.term}`;
  }
}
