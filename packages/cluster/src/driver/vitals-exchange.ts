import type { Message, NodeId, RaftNode } from '@bellwether/raft';
import { DETECTOR_LIMITS } from '../detection/limits.ts';
import type { PeerVitals, Vitals } from '../detection/vitals.ts';
import { participants } from '../membership/members.ts';
import type { Transport } from '../transport/transport.ts';
import type { VitalsMessage } from '../wire/peer-message.ts';

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly transport: Transport;
  /** How this node is now. */
  readonly vitals: Vitals;
}

/**
 * Tells the peers how this node is, and knows of each the newest that it said. Vitals go beside heartbeats
 * and their answers, in the same write, so that they wake nobody up; to peers with whom none are
 * exchanged, now and then. Times in running time.
 */
export class VitalsExchange {
  readonly #owner: Owner;
  readonly #beatTicks: number;
  readonly #sentTick = new Map<NodeId, number>();
  readonly #received = new Map<NodeId, { readonly vitals: Vitals; readonly atMs: number }>();
  #tick = 0;

  constructor(owner: Owner, beatTicks: number) {
    this.#owner = owner;
    this.#beatTicks = beatTicks;
  }

  tick(): void {
    this.#tick += 1;
    if (this.#tick % DETECTOR_LIMITS.vitalsTicks !== 0) return;
    for (const peer of participants(this.#owner.core.membership)) {
      if (peer !== this.#owner.id) this.#send(peer, DETECTOR_LIMITS.vitalsTicks);
    }
  }

  /** `message` is being sent. Rounds of heartbeats may come more often than beats: reads make them. */
  beside(message: Message): void {
    const isBeat = message.type === 'Heartbeat' || message.type === 'HeartbeatResponse';
    if (isBeat) this.#send(message.to, this.#beatTicks - 1);
  }

  onVitals({ from, vitals }: VitalsMessage, nowMs: number): void {
    this.#received.set(from, { vitals, atMs: nowMs });
  }

  /** What a process said does not hold for the next one. */
  onDisconnected(peer: NodeId): void {
    this.#received.delete(peer);
  }

  /** Undefined when it has said nothing. */
  of(peer: NodeId, nowMs: number): PeerVitals | undefined {
    const received = this.#received.get(peer);
    return received && { vitals: received.vitals, ageMs: nowMs - received.atMs };
  }

  #send(to: NodeId, ticksMin: number): void {
    const { id: from, transport, vitals } = this.#owner;
    const sentTick = this.#sentTick.get(to);
    if (sentTick !== undefined && this.#tick - sentTick < ticksMin) return;
    this.#sentTick.set(to, this.#tick);
    transport.send({ type: 'Vitals', from, to, vitals });
  }
}
