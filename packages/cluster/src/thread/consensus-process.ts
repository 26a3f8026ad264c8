/*
 * A node of two processes: the one that was started holds the consensus and the connections to the peers,
 * and starts the service, with the state machine and its clients, as another one.
 *
 * Why: when a process is killed, the kernel frees its memory before it closes its connections, and only
 * their end tells the peers that the leader is dead. The process with the connections is small, so that is
 * soon, however large the state is. And when the large one dies, as for want of memory, the small one
 * hands its leadership over before it ends too.
 */
import { setFlagsFromString } from 'node:v8';
import { startCalmWorker } from './calm-worker.ts';
import type { FromHost, ServiceCommand, ServiceEnding, ToHost } from './host-messages.ts';

/**
 * Starts a node's service, and is its consensus until both have ended. SIGTERM is passed on to the service,
 * which decides what follows, and so is SIGINT, as SIGTERM, unless there is somebody above who does: the
 * service must take no notice of SIGINT, which a terminal sends to all.
 *
 * @returns how the service ended
 * @throws Error when the consensus failed, or the service can't be started
 */
export function hostService(command: ServiceCommand): Promise<ServiceEnding> {
  compileAhead();
  const worker = startCalmWorker('./consensus-host.js', command, 'consensus');
  const say = (message: ToHost): void => worker.postMessage(message);
  process.on('SIGTERM', () => say({ type: 'terminate' }));
  process.on('SIGINT', command.isSupervised ? ignore : () => say({ type: 'terminate' }));
  if (command.isSupervised) {
    process.on('disconnect', () => say({ type: 'disconnect' }));
    if (!process.connected) say({ type: 'disconnect' });
  }
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: FromHost) => {
      if (message.type === 'ended') resolve(message.ending);
      else if (message.type === 'failed') reject(new Error(message.text));
      else if (process.connected) process.send?.(message.message, undefined, undefined, ignore);
    });
  });
}

/** A parent that is just going away is noticed by its `disconnect`. */
const ignore = (): void => undefined;

/**
 * What runs only when a leader is lost would be compiled in that very moment, and again the next time,
 * because V8 throws away code that has not run for long: 1 to 2 ms of every failover. The thread of the
 * consensus, which starts after this, compiles all of its code at once, Node.js's own too, and keeps it.
 */
function compileAhead(): void {
  setFlagsFromString('--no-lazy');
  setFlagsFromString('--no-flush-bytecode');
}
