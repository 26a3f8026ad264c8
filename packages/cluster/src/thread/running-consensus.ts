import type { Entry } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import { systemClock } from '../clock.ts';
import { ConsensusDriver } from '../driver/driver.ts';
import type { ServicePort } from '../driver/service-port.ts';
import { statusOf } from '../driver/status.ts';
import { LIMITS } from '../limits.ts';
import { TcpTransport } from '../transport/tcp-transport.ts';
import type { TransportHandler } from '../transport/transport.ts';
import { fatalMessage, handleMessage, servicePort } from './consensus-end.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import { News } from './news.ts';
import { raftConfig } from './raft-config.ts';
import { Ticker } from './ticker.ts';
import { TravellingBuffers } from './travelling-buffers.ts';
import { YoungCollector } from './young-collector.ts';

/** The way to the service, which is on another thread or in another process. */
export interface ServiceEnd {
  /** The buffers in `transfer` are the receiver's from then on. */
  post(message: ToService, transfer?: readonly ArrayBuffer[]): void;
  /** Committed entries; where it is absent they are posted. */
  deliver?(entries: readonly Entry[]): void;
  /** All was said. */
  close(): void;
}

/**
 * The consensus of one node in production: core, log, peers, heartbeats, on a thread of its own. Its heap
 * stays small, so its pauses do, and neither a large state machine nor its user's code can delay a
 * heartbeat.
 */
export class RunningConsensus {
  readonly #options: ConsensusOptions;
  readonly #end: ServiceEnd;
  readonly #buffers = new TravellingBuffers();
  readonly #news: News;
  readonly #log: LogStore;
  readonly #driver: ConsensusDriver;
  #transport: TcpTransport | undefined;
  readonly #ticks: Ticker;
  readonly #timers: NodeJS.Timeout[] = [];
  #isLeaving = false;
  #isStopping = false;

  /** @param log of this node, which is closed in the end */
  constructor(options: ConsensusOptions, log: LogStore, end: ServiceEnd) {
    this.#options = options;
    this.#end = end;
    this.#news = new News(
      (message) => end.post(message),
      () => ({ type: 'status', status: statusOf(this.#driver) }),
    );
    this.#log = log;
    this.#reportRecovery();
    const post: ServiceEnd['post'] = (message, transfer) => {
      if (message.type === 'failover') return this.#news.add(message);
      if (message.type === 'fatal') this.#news.tell();
      end.post(message, transfer);
    };
    const port = servicePort(post, () => this.#news.addStatus(), this.#buffers);
    this.#driver = this.#makeDriver(
      end.deliver === undefined ? port : { ...port, deliver: (entries) => end.deliver?.(entries) },
    );
    const holdsLease = (): boolean => this.#hasLeases && this.#driver.core.role === 'leader';
    const tick = (): void => this.#driver.tick();
    this.#ticks = new Ticker(options.timing.tickMs, tick, systemClock.nowMs(), holdsLease);
  }

  /** Listens for the peers and begins. The service is told when that is done, or why it can't be. */
  async start(): Promise<void> {
    const { tickMs } = this.#options.timing;
    const collector = new YoungCollector();
    const onTimer = (): void => {
      this.#ticks.onTimer(systemClock.nowMs());
      collector.look();
    };
    const report = (): void => this.#report();
    this.#timers.push(setInterval(onTimer, tickMs), setInterval(report, LIMITS.statusIntervalMs));
    try {
      await this.#transport?.listen();
      this.#driver.start();
      this.#report();
      this.#end.post({ type: 'started' });
    } catch (error) {
      this.#end.post(fatalMessage(error));
    }
  }

  /** What the service wants. */
  onMessage(message: ToConsensus): void {
    if (message.type === 'readIndex') this.#makeUpLeaseTime();
    if (message.type === 'stop') this.#stop();
    else handleMessage(this.#driver, this.#buffers, message);
  }

  /**
   * The service has ended without a word: a leader hands over first, as far as that is quick. It goes when the next one
   * serves: until then it counts among those who elect that one and make its first entry durable.
   */
  onServiceGone(): void {
    if (this.#isLeaving || this.#isStopping) return;
    this.#isLeaving = true;
    if (this.#driver.core.role !== 'leader') return this.#stop();
    this.#driver.health.leave();
    let ticksLeft = LIMITS.leaveTicksMax;
    const look = (): void => {
      ticksLeft -= 1;
      const { role, isServing } = this.#driver.leadership;
      if (ticksLeft <= 0 || (role !== 'leader' && isServing)) this.#stop();
    };
    this.#timers.push(setInterval(look, this.#options.timing.tickMs));
  }

  get #hasLeases(): boolean {
    return this.#options.leaseReads === true;
  }

  readonly #onEvent = (text: string): void => {
    this.#news.add({ type: 'event', text });
  };

  #reportRecovery(): void {
    const { repaired, isRestarted } = this.#log.recovery;
    if (repaired !== undefined) {
      const { file, offset, bytes } = repaired;
      this.#onEvent(
        `repaired the torn end of ${file}: ${bytes} bytes from offset ${offset} removed`,
      );
    }
    if (isRestarted) this.#onEvent('the log was restarted behind a newer snapshot');
  }

  #makeDriver(service: ServicePort): ConsensusDriver {
    const options = this.#options;
    const onEvent = this.#onEvent;
    return new ConsensusDriver({
      config: raftConfig(options),
      log: this.#log,
      service,
      clock: systemClock,
      random: Math.random,
      incarnation: options.incarnation,
      retention: options.retention,
      removeDeadAfterMs: options.removeDeadAfterMs,
      seeds: options.members.filter(({ port: peerPort }) => peerPort > 0),
      detection: options.timing,
      onEvent,
      connect: (handler) => {
        const transport = new TcpTransport({ ...options, onEvent }, this.#withLeaseTime(handler));
        this.#transport = transport;
        return transport;
      },
    });
  }

  #report(): void {
    this.#end.post({ type: 'status', status: statusOf(this.#driver) });
  }

  #stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#driver.stop();
    for (const timer of this.#timers) clearInterval(timer);
    const onClosed = (): void => {
      this.#news.tell();
      this.#end.post({ type: 'stopped' });
      this.#end.close();
    };
    // So that nothing that was written last is taken for torn at the next start.
    this.#log.confirm();
    this.#log.flush(() => this.#log.close(onClosed));
  }

  /**
   * A lease ends by the clock, also while this thread stands still: what was missed is made up before
   * anything is taken that a lease could answer.
   */
  #makeUpLeaseTime(): void {
    if (this.#hasLeases) this.#ticks.onTimer(systemClock.nowMs());
  }

  #withLeaseTime(handler: TransportHandler): TransportHandler {
    return {
      onMessage: (message) => {
        if (message.type === 'ReadIndexRequest') this.#makeUpLeaseTime();
        handler.onMessage(message);
      },
      mayBeMember: (peer) => handler.mayBeMember(peer),
      onConnected: (peer) => handler.onConnected(peer),
      onDisconnected: (peer) => handler.onDisconnected(peer),
      onSnapshot: (offer) => handler.onSnapshot(offer),
    };
  }
}
