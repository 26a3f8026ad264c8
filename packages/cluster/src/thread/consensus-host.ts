/* The thread of a node's first process: starts the service as another process, and is its consensus. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';
import { FrameSocket } from '../transport/frame-socket.ts';
import { readToConsensus } from './channel-frames.ts';
import type { Begin } from './channel-frames.ts';
import { SERVICE_CHANNEL_FD } from './host-messages.ts';
import type { FromHost, ServiceCommand, ServiceEnding, ToHost } from './host-messages.ts';
import type { ToConsensus } from './messages.ts';
import { RunningConsensus } from './running-consensus.ts';
import { ServiceLink } from './service-link.ts';

class Host {
  readonly #child: ChildProcess;
  readonly #socket: FrameSocket;
  readonly #say: (message: FromHost) => void;
  #consensus: RunningConsensus | undefined;
  /** There is no consensus, or it has ended. */
  #isQuiet = true;
  #ending: ServiceEnding | undefined;
  #isTerminating = false;

  constructor(command: ServiceCommand, say: (message: FromHost) => void) {
    this.#say = say;
    const channels = command.isSupervised ? (['pipe', 'ipc'] as const) : (['pipe'] as const);
    const child = spawn(command.file, command.args, {
      env: command.env,
      stdio: ['inherit', 'inherit', 'inherit', ...channels],
    });
    this.#child = child;
    child.on('error', (error) => {
      // Otherwise a signal could not be sent to it.
      if (child.pid === undefined) say({ type: 'failed', text: `no service: ${error.message}` });
    });
    child.on('message', (message) => say({ type: 'relay', message: message as object }));
    child.on('exit', (code, signal) => this.#onExit({ code, signal }));
    this.#socket = new FrameSocket(child.stdio[SERVICE_CHANNEL_FD] as unknown as Socket, {
      onFrame: (frame) => this.#guard(() => this.#take(readToConsensus(frame))),
      onClose: () => this.#guard(() => this.#consensus?.onServiceGone()),
    });
    this.#socket.onInside();
  }

  onMessage(message: ToHost): void {
    if (message.type === 'terminate') {
      this.#isTerminating = true;
      this.#child.kill('SIGTERM');
    } else if (this.#child.connected) this.#child.disconnect();
  }

  #take(message: ToConsensus | Begin): void {
    if (message.type === 'begin') this.#begin(message);
    else this.#consensus?.onMessage(message);
  }

  #begin({ options }: Begin): void {
    this.#isQuiet = false;
    const link = new ServiceLink(this.#socket);
    try {
      this.#consensus = new RunningConsensus(options, {
        post: (message) => link.post(message),
        deliver: (entries) => link.deliver(entries),
        close: () => this.#onQuiet(),
      });
    } catch {
      // The service has been told why, and tells the user.
      return this.#onQuiet();
    }
    void this.#consensus.start();
  }

  #onQuiet(): void {
    this.#isQuiet = true;
    this.#endIfDone();
    // It has nothing left to do.
    setTimeout(() => this.#child.kill('SIGKILL'), LIMITS.serviceExitMsMax).unref();
  }

  #onExit(ending: ServiceEnding): void {
    // Before it listens for signals it ends as it should, all the same.
    const isOrderly = this.#isTerminating && ending.signal === 'SIGTERM';
    this.#ending = isOrderly ? { code: 0, signal: null } : ending;
    this.#consensus?.onServiceGone();
    this.#endIfDone();
    // A disk that does not answer must not keep the node from ending.
    setTimeout(() => this.#onQuiet(), LIMITS.consensusEndMsMax);
  }

  #endIfDone(): void {
    if (this.#isQuiet && this.#ending !== undefined) {
      this.#say({ type: 'ended', ending: this.#ending });
    }
  }

  /** An error in here is one of the consensus, not of the connection. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}

assert(parentPort !== null, 'runs in a worker');
const port = parentPort;
const host = new Host(workerData as ServiceCommand, (message) => port.postMessage(message));
port.on('message', (message: ToHost) => host.onMessage(message));
// The service takes longer than this to start.
rehearse(LIMITS.rehearsedChanges);
