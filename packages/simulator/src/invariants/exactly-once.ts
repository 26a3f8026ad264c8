import type { LogIndex, NodeId } from '@bellwether/raft';
import { hashBytes } from '../random.ts';
import { Violation } from './violation.ts';

/** The commands of one run of one node. */
interface Origin {
  readonly name: string;
  /** Hashes of the payloads, by sequence - 1. */
  readonly proposed: number[];
  /** Newest command seen in the log. committed <= proposed.length */
  committed: number;
  /** Newest command that came back to the service that proposed it. acknowledged <= committed */
  acknowledged: number;
  /** How many came back. done <= acknowledged */
  done: number;
  /** Commands up to here may be missing in the log: their node gave them up. */
  givenUp: number;
  /** Commands up to here may not come back: the service was told so. unknown <= givenUp */
  unknown: number;
  isAlive: boolean;
}

/**
 * A command that a service proposed is in the committed log once, in the order in which it was
 * proposed, and comes back to the service that proposed it, unless its node stops first or its service is
 * told that the outcome is unknown: then it is there at most once.
 */
export class ExactlyOnce {
  readonly #origins = new Map<string, Origin>();

  onStarted(nodeId: NodeId, incarnation: number): void {
    const name = nameOf(nodeId, incarnation);
    this.#origins.set(name, {
      name,
      proposed: [],
      committed: 0,
      acknowledged: 0,
      done: 0,
      givenUp: 0,
      unknown: 0,
      isAlive: true,
    });
  }

  onEnded(nodeId: NodeId, incarnation: number): void {
    this.#of(nodeId, incarnation).isAlive = false;
  }

  onProposed(nodeId: NodeId, incarnation: number, sequence: number, payload: Uint8Array): void {
    const { proposed } = this.#of(nodeId, incarnation);
    if (sequence !== proposed.length + 1) throw new Error('sequences are given without a gap');
    proposed.push(hashBytes(payload));
  }

  /** A command is applied somewhere for the first time, at `index`. */
  onCommitted(
    command: {
      readonly nodeId: NodeId;
      readonly incarnation: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    },
    index: LogIndex,
  ): void {
    const { nodeId, incarnation, sequence, payload } = command;
    const origin = this.#of(nodeId, incarnation);
    const { name, committed, proposed, givenUp } = origin;
    if (sequence <= committed) fail(`command ${sequence} of ${name} is doubled at index ${index}`);
    if (sequence > Math.max(committed, givenUp) + 1) {
      fail(`command ${committed + 1} of ${name} is lost: ${sequence} comes next, at ${index}`);
    }
    if (proposed[sequence - 1] !== hashBytes(payload)) {
      fail(`command ${sequence} of ${name} is not what was proposed, at index ${index}`);
    }
    origin.committed = sequence;
  }

  /** The service that proposed it sees it applied. */
  onAcknowledged(nodeId: NodeId, incarnation: number, sequence: number): void {
    const origin = this.#of(nodeId, incarnation);
    const { name, acknowledged, unknown, committed } = origin;
    if (sequence > committed) fail(`${name} is told of ${sequence}, which is not committed`);
    if (sequence <= acknowledged) fail(`${name} is told of ${sequence} after ${acknowledged}`);
    if (sequence > Math.max(acknowledged, unknown) + 1) {
      fail(`${name} is told of ${sequence}, and was never told of ${acknowledged + 1}`);
    }
    origin.acknowledged = sequence;
    origin.done += 1;
  }

  /** The node gives up what it sent: a snapshot may contain it. It is not sent again. */
  onGivenUp(nodeId: NodeId, incarnation: number, sequence: number): void {
    const origin = this.#of(nodeId, incarnation);
    if (sequence > origin.proposed.length) fail(`${origin.name} never proposed ${sequence}`);
    origin.givenUp = Math.max(origin.givenUp, sequence);
  }

  /** The service is told that its commands up to `sequence` may or may not be there. */
  onOutcomesUnknown(nodeId: NodeId, incarnation: number, sequence: number): void {
    const origin = this.#of(nodeId, incarnation);
    if (sequence > origin.givenUp) fail(`${origin.name} is told of ${sequence} without a reason`);
    origin.unknown = Math.max(origin.unknown, sequence);
  }

  /** Commands by outcome; indeterminate are those that nobody will be told of any more. */
  get counts(): { done: number; pending: number; indeterminate: number } {
    const counts = { done: 0, pending: 0, indeterminate: 0 };
    for (const { proposed, acknowledged, done, unknown, isAlive } of this.#origins.values()) {
      const pending = isAlive ? proposed.length - Math.max(acknowledged, unknown) : 0;
      counts.done += done;
      counts.pending += pending;
      counts.indeterminate += proposed.length - done - pending;
    }
    return counts;
  }

  #of(nodeId: NodeId, incarnation: number): Origin {
    const origin = this.#origins.get(nameOf(nodeId, incarnation));
    if (origin !== undefined) return origin;
    return fail(`a command of node ${nodeId}, run ${incarnation}, which never was`);
  }
}

const nameOf = (nodeId: NodeId, incarnation: number): string => `node ${nodeId}/${incarnation}`;

function fail(what: string): never {
  throw new Violation('exactlyOnce', what);
}
