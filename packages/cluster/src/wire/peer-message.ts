import type { LogIndex, Message, NodeId, Term } from '@bellwether/raft';
import type { Vitals } from '../detection/vitals.ts';

/** Commands on their way to the leader of `term`. */
export interface ForwardCommands {
  readonly type: 'ForwardCommands';
  readonly from: NodeId;
  readonly to: NodeId;
  readonly term: Term;
  /** The sender has seen the committed log up to here: none of the commands is in it. */
  readonly seenIndex: LogIndex;
  readonly batch: Uint8Array;
}

/** From one service thread to another; best effort. */
export interface ServiceMessage {
  readonly type: 'ServiceMessage';
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
}

/** Of who the members are, beside the log; best effort, said again (see members-message.ts). */
export interface MembersMessage {
  readonly type: 'MembersMessage';
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
}

/** How the sender is. Best effort; only the newest counts. */
export interface VitalsMessage {
  readonly type: 'Vitals';
  readonly from: NodeId;
  readonly to: NodeId;
  readonly vitals: Vitals;
}

/** What travels between two nodes besides snapshots. */
export type PeerMessage =
  Message | ForwardCommands | ServiceMessage | MembersMessage | VitalsMessage;
