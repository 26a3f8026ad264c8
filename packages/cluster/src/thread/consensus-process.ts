/*
 * The process of a node that has the consensus, the connections to the peers, and the files. The node's service, with
 * the state machine and its clients, is the process that was started by somebody, and starts this one.
 *
 * Why: when a process is killed, the kernel frees its memory before it closes its connections, and only
 * their end tells the peers that the leader is dead. This process is small, so that is soon, however large the state
 * is. And when the large one dies, as by kill -9 or for want of memory, this one lives on for a moment: it hands its
 * leadership over, and nobody has to notice anything.
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LogStore, StorageError } from '@bellwether/storage';
import { LIMITS } from '../limits.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';
import { readToConsensus } from './channel-frames.ts';
import type { Begin } from './channel-frames.ts';
import { ChannelSocket } from './channel-socket.ts';
import { fatalMessage } from './consensus-end.ts';
import { SERVICE_FD } from './consensus-child.ts';
import type { ConsensusOptions, ToConsensus } from './messages.ts';
import { openLog } from './open-log.ts';
import { RunningConsensus } from './running-consensus.ts';
import { ServiceLink } from './service-link.ts';

const LOCK_POLL_MS = 20;

class ConsensusProcess {
  readonly #link: ServiceLink;
  #consensus: RunningConsensus | undefined;
  /** What was said before there was a consensus to hear it. */
  #early: ToConsensus[] = [];
  #isServiceGone = false;
  #hasEnded = false;

  /** Hears what the service says from now on. */
  static run(): ConsensusProcess {
    return new ConsensusProcess();
  }

  private constructor() {
    const socket = new ChannelSocket(
      { fd: SERVICE_FD },
      {
        onBody: (body) => this.#onMessage(readToConsensus(body)),
        onClose: () => this.#onServiceGone(),
      },
    );
    this.#link = new ServiceLink(socket);
  }

  #onMessage(message: ToConsensus | Begin): void {
    if (message.type === 'begin') void this.#begin(message.options);
    else if (this.#consensus === undefined) this.#early.push(message);
    else this.#consensus.onMessage(message);
  }

  async #begin(options: ConsensusOptions): Promise<void> {
    const log = await this.#openLog(options);
    if (log === undefined) return;
    const consensus = new RunningConsensus(options, log, {
      post: (message) => this.#link.post(message),
      deliver: (entries) => this.#link.deliver(entries),
      close: () => this.#onEnded(),
    });
    this.#consensus = consensus;
    for (const message of this.#early) consensus.onMessage(message);
    this.#early = [];
    await consensus.start();
  }

  /**
   * The process of this very node as it was before may still have the files, when its service was killed and it is just
   * handing over.
   *
   * @returns undefined when it can't be had: the service has been told why, and ends
   */
  async #openLog(options: ConsensusOptions): Promise<LogStore | undefined> {
    const untilMs = performance.now() + LIMITS.lockFreeMsMax;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return openLog(options);
      } catch (error) {
        const isHeld = error instanceof StorageError && error.code === 'locked';
        if (!isHeld || performance.now() > untilMs) {
          this.#link.post(fatalMessage(error));
          return undefined;
        }
        const text = `waiting for a process that is about to end: ${error.message}`;
        if (attempt === 2) this.#link.post({ type: 'event', text });
        await sleep(LOCK_POLL_MS);
      }
    }
  }

  /** The service, which was told all, ends now, and this process when it does. */
  #onEnded(): void {
    this.#hasEnded = true;
    if (this.#isServiceGone) process.exit(0);
    setTimeout(() => process.exit(0), LIMITS.serviceExitMsMax);
  }

  #onServiceGone(): void {
    this.#isServiceGone = true;
    if (this.#hasEnded || this.#consensus === undefined) process.exit(0);
    process.on('exit', sayWhy);
    this.#consensus.onServiceGone();
    // A disk that does not answer must not keep the process from ending.
    setTimeout(() => process.exit(0), LIMITS.consensusEndMsMax);
  }
}

/** The log is the service's; there is nobody any more who writes it. */
function sayWhy(): void {
  try {
    writeSync(2, "bellwether: the node's service was gone, so its consensus has ended too\n");
  } catch {
    // Nobody reads it.
  }
}

/** The service hears of signals to the whole group, and decides what follows. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
ConsensusProcess.run();
// The service takes longer than this to start.
rehearse(LIMITS.rehearsedChanges);
