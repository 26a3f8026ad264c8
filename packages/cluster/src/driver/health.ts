import type { Message, NodeId, RaftConfig, RaftNode, Random } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import type { Clock } from '../clock.ts';
import { AnswerTimer } from '../detection/answer-timer.ts';
import type { DetectionTiming } from '../detection/limits.ts';
import { STALL_LIMITS } from '../detection/limits.ts';
import { RunningClock } from '../detection/running-clock.ts';
import { isFit, type Stall } from '../detection/stall.ts';
import type { PeerVitals, Vitals } from '../detection/vitals.ts';
import type { Transport } from '../transport/transport.ts';
import type { PeerMessage } from '../wire/peer-message.ts';
import type { SuspicionCause } from './leader-suspicion.ts';
import { LeaderSuspicion } from './leader-suspicion.ts';
import { LeaderWatch } from './leader-watch.ts';
import type { ServicePort } from './service-port.ts';
import { StallWatch } from './stall-watch.ts';
import { VitalsExchange } from './vitals-exchange.ts';

export interface HealthOptions {
  readonly config: Pick<RaftConfig, 'heartbeatTicks'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly service: Pick<ServicePort, 'askForAnswer'>;
  readonly detection: DetectionTiming;
  readonly onEvent?: ((text: string) => void) | undefined;
}

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly transport: Transport;
  /** Bytes of own commands that are not in the committed log yet. */
  readonly loadBytes: number;
  readonly isStopped: boolean;
  /** The leader is suspected from now on. */
  onDoubted(cause: SuspicionCause): void;
  /** A campaign was begun. */
  onSuspected(): void;
  onTransferWanted(target: NodeId): void;
}

/**
 * Whether this node and its peers are well: gathers what is observed, has it judged in running time, and
 * passes on what follows.
 */
export class Health {
  readonly time: RunningClock;
  /** Of the disk; the persister keeps it. */
  readonly disk: AnswerTimer;
  readonly #service: AnswerTimer;
  readonly #owner: Owner;
  readonly #clock: Clock;
  readonly #port: Pick<ServicePort, 'askForAnswer'>;
  readonly #onEvent: ((text: string) => void) | undefined;
  readonly #exchange: VitalsExchange;
  readonly #leader: LeaderWatch;
  readonly #stall: StallWatch;
  readonly #suspicion: LeaderSuspicion;
  #ticksToProbe = 0;

  constructor(owner: Owner, options: HealthOptions) {
    const { clock, random, service, onEvent } = options;
    const { tickMs, silenceMsMin, silenceMsMax } = options.detection;
    const { heartbeatTicks } = options.config;
    this.#owner = owner;
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#port = service;
    this.time = new RunningClock(tickMs, clock.nowMs());
    const nowMs = (): number => this.nowMs;
    this.disk = new AnswerTimer(nowMs);
    this.#service = new AnswerTimer(nowMs);
    this.#exchange = new VitalsExchange(this, heartbeatTicks);
    const bounds = { beatMs: heartbeatTicks * tickMs, silenceMsMin, silenceMsMax };
    this.#leader = new LeaderWatch(this, bounds, this.nowMs);
    this.#suspicion = new LeaderSuspicion(this, random, (delayMs, action) => {
      clock.after(delayMs, () => (owner.isStopped ? undefined : action()));
    });
    this.#stall = new StallWatch(this);
  }

  get id(): NodeId {
    return this.#owner.id;
  }

  get core(): RaftNode {
    return this.#owner.core;
  }

  get transport(): Transport {
    return this.#owner.transport;
  }

  /** Running time. */
  get nowMs(): number {
    return this.time.at(this.#clock.nowMs());
  }

  /** Of this node, as of now. What is pending counts from the first moment, so it is rounded up. */
  get vitals(): Vitals {
    const { role, term, commitIndex } = this.core;
    return {
      role,
      term,
      commit: commitIndex,
      loadBytes: this.#owner.loadBytes,
      loopDelayMs: Math.round(this.time.lateMsMean),
      flushAgeMs: Math.round(this.disk.ageMs),
      flushPendingMs: Math.ceil(this.disk.pendingMs),
      serviceAgeMs: Math.round(this.#service.ageMs),
      servicePendingMs: Math.ceil(this.#service.pendingMs),
    };
  }

  /** The silence of the leader and the bound after which it is suspected; undefined without one. */
  get leaderSilence(): { readonly silenceMs: number; readonly boundMs: number } | undefined {
    const { leaderId } = this.core;
    if (leaderId === NO_NODE || leaderId === this.id) return undefined;
    const { nowMs } = this;
    return { silenceMs: this.#leader.silenceMs(nowMs), boundMs: this.#leader.boundMs(nowMs) };
  }

  /** Undefined when the peer has said nothing of itself. */
  vitalsOf(peer: NodeId): PeerVitals | undefined {
    return this.#exchange.of(peer, this.nowMs);
  }

  /** As far as it has said: one that is stuck, or was not heard lately, holds itself back. */
  mayTakeOver(peer: NodeId): boolean {
    const received = this.vitalsOf(peer);
    return received === undefined || isFit(received.vitals, received.ageMs);
  }

  /** What follows from it is judged when all that has arrived was read. */
  tick(): void {
    this.time.tick(this.#clock.nowMs());
    this.#exchange.tick();
    this.#probeService();
    this.#suspicion.tick();
    this.#clock.soon(this.#judge);
  }

  /** Before the core takes a message. */
  beforeMessage(message: PeerMessage): void {
    const isAsked = message.type === 'RequestPreVote' || message.type === 'RequestVote';
    if (isAsked) this.#leader.onAsked(this.nowMs);
    else if (message.type === 'Vitals') this.#exchange.onVitals(message, this.nowMs);
  }

  /** After the core has taken it. */
  afterMessage(message: PeerMessage): void {
    this.#leader.onMessage(message, this.nowMs);
    this.#suspicion.onMessage(message);
  }

  /** The core's message is being sent. */
  onSend(message: Message): void {
    this.#exchange.beside(message);
    if (message.type === 'RequestPreVoteResponse' && message.granted) this.#suspicion.onGranted();
  }

  onDisconnected(peer: NodeId): void {
    this.#exchange.onDisconnected(peer);
    this.#suspicion.onDisconnected(peer);
  }

  onServiceAnswer(): void {
    this.#service.onAnswered();
  }

  /** The service is gone, and this node soon: see StallWatch. */
  leave(): void {
    this.#stall.leave();
  }

  readonly #judge = (): void => {
    if (this.#owner.isStopped) return;
    const { nowMs } = this;
    this.#leader.judge(nowMs);
    this.#stall.judge(nowMs);
  };

  // --- what follows ---

  /** The leader, or the lack of one, is reason to ask for an election. */
  onMissed(cause: SuspicionCause): void {
    this.#suspicion.onMissed(cause);
  }

  /** This node leads, can't go on, and hands its leadership over. */
  onHandOver(target: NodeId, stall: Stall): void {
    this.#onEvent?.(`stalled (${stall}): handing leadership over to node ${target}`);
    this.#owner.onDoubted('stall');
    this.#owner.onTransferWanted(target);
  }

  onDoubted(leaderId: NodeId, cause: SuspicionCause): void {
    this.#onEvent?.(`suspecting leader ${leaderId}: ${this.#describe(cause)}`);
    this.#owner.onDoubted(cause);
  }

  onSuspected(): void {
    this.#owner.onSuspected();
  }

  #describe(cause: SuspicionCause): string {
    const silence = this.leaderSilence;
    if (cause !== 'silence' || silence === undefined) return cause;
    const { silenceMs, boundMs } = silence;
    return `silent for ${Math.round(silenceMs)} ms (bound ${Math.round(boundMs)} ms)`;
  }

  /** One question at a time; it waits behind all else that the thread has to do. */
  #probeService(): void {
    this.#ticksToProbe -= 1;
    if (this.#ticksToProbe > 0 || this.#service.isPending) return;
    this.#ticksToProbe = STALL_LIMITS.probeTicks;
    this.#service.onAsked();
    this.#port.askForAnswer();
  }
}
