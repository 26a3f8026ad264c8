import type { SnapshotSink, SnapshotSource } from '@bellwether/cluster';
import type { InstallSnapshot, NodeId } from '@bellwether/raft';
import type { SimulatedThread } from '../thread.ts';
import type { Network } from './network.ts';
import { Pipe } from './pipe.ts';

interface Task {
  readonly offer: InstallSnapshot;
  readonly source: SnapshotSource;
  readonly onDone: (outcome: 'installed' | 'failed') => void;
}

/** A snapshot on a connection of its own: one chunk after the other, each when the last one arrived. */
export class SnapshotTransfer {
  readonly #network: Network;
  readonly #sender: SimulatedThread;
  readonly #task: Task;
  readonly #there: Pipe;
  readonly #back: Pipe;
  #receiver: SimulatedThread | undefined;
  #sink: SnapshotSink | undefined;
  /** The sink has been told to commit: the receiver goes on without the sender. */
  #isComplete = false;
  #isSenderDone = false;
  #isReceiverDone = false;

  constructor(network: Network, sender: SimulatedThread, task: Task) {
    const { from, to } = task.offer;
    this.#network = network;
    this.#sender = sender;
    this.#task = task;
    this.#there = new Pipe(network.world, network.link(from, to));
    this.#back = new Pipe(network.world, network.link(to, from));
  }

  isBetween(a: NodeId, b: NodeId): boolean {
    const { from, to } = this.#task.offer;
    return (from === a && to === b) || (from === b && to === a);
  }

  start(): void {
    const { offer } = this.#task;
    this.#network.addTransfer(this);
    this.#note('offered');
    this.#there.send(() => {
      const target = this.#network.transportOf(offer.to);
      if (target === undefined) return this.fail();
      this.#receiver = target.thread;
      target.thread.run(() => this.#onOffer(target.handler.onSnapshot(offer)));
    });
  }

  /** The connection breaks; both sides hear of it. */
  fail(): void {
    this.#sender.post(0, () => this.#endSender('failed'));
    this.#receiver?.post(0, () => this.#endReceiver());
  }

  onProcessEnded(nodeId: NodeId): void {
    const { from, to } = this.#task.offer;
    if (nodeId === from) {
      this.#isSenderDone = true;
      this.#there.send(() => this.#receiver?.run(() => this.#endReceiver()));
    } else if (nodeId === to && this.#receiver?.isDead === true) {
      this.#isReceiverDone = true;
      this.#back.send(() => this.#sender.run(() => this.#endSender('failed')));
    }
    this.#forgetIfDone();
  }

  #onOffer(sink: SnapshotSink | undefined): void {
    if (this.#isReceiverDone) return sink?.abort();
    this.#sink = sink;
    if (sink !== undefined) return this.#answer(() => this.#sendNext());
    this.#isReceiverDone = true;
    this.#note('refused');
    this.#answer(() => this.#endSender('failed'));
  }

  #sendNext(): void {
    const chunk = this.#task.source.readChunk();
    const copy = chunk && new Uint8Array(chunk);
    this.#there.send(() => this.#receiver?.run(() => this.#onChunk(copy)));
  }

  #onChunk(chunk: Uint8Array | undefined): void {
    const sink = this.#sink;
    if (this.#isReceiverDone || sink === undefined) return;
    if (chunk !== undefined) {
      sink.write(chunk);
      return this.#answer(() => this.#sendNext());
    }
    this.#isComplete = true;
    sink.commit((error) => {
      this.#isReceiverDone = true;
      const outcome = error === undefined ? 'installed' : 'failed';
      this.#note(outcome);
      this.#answer(() => this.#endSender(outcome));
    });
  }

  /** Back to the sender, unless it has given up. */
  #answer(work: () => void): void {
    this.#back.send(() => {
      this.#sender.run(() => {
        if (!this.#isSenderDone) work();
      });
    });
  }

  #endSender(outcome: 'installed' | 'failed'): void {
    if (this.#isSenderDone) return;
    this.#isSenderDone = true;
    this.#task.source.close();
    this.#task.onDone(outcome);
    this.#forgetIfDone();
  }

  #endReceiver(): void {
    if (this.#isReceiverDone || this.#isComplete) return;
    this.#isReceiverDone = true;
    this.#sink?.abort();
    this.#forgetIfDone();
  }

  #forgetIfDone(): void {
    const isReceiverDone = this.#isReceiverDone || this.#receiver === undefined;
    if (this.#isSenderDone && isReceiverDone) this.#network.removeTransfer(this);
  }

  #note(what: string): void {
    const { from, to, snapshot } = this.#task.offer;
    this.#network.world.note(`${from}>${to} snapshot ${snapshot.index} ${what}`);
  }
}
