import type { NodeId, Term } from '@bellwether/raft';
import { LogStore, MemoryFileSystem } from '@bellwether/storage';
import { BATCH_ITEM_HEADER_BYTES, COMMAND_HEADER_BYTES, writeItemHeader } from '../command.ts';
import { silenceBoundsFor } from '../detection/limits.ts';
import { ConsensusDriver } from '../driver/driver.ts';
import { statusOf } from '../driver/status.ts';
import { LIMITS } from '../limits.ts';
import { writeCommitted, writeToService } from '../thread/channel-frames.ts';
import { servicePort } from '../thread/consensus-end.ts';
import type { ConsensusMember, ToService } from '../thread/messages.ts';
import { raftConfig } from '../thread/raft-config.ts';
import { TravellingBuffers } from '../thread/travelling-buffers.ts';
import { ByteWriter } from '../wire/bytes.ts';
import { RehearsedTransport } from './rehearsed-transport.ts';
import type { Stage } from './stage.ts';

const { tickMs, heartbeatTicks, electionTicksMin, electionTicksSpread } = LIMITS;
const TIMING = {
  ...{ tickMs, heartbeatTicks, electionTicksMin, electionTicksSpread },
  ...silenceBoundsFor(heartbeatTicks * tickMs),
};
const PAYLOAD_BYTES = 128;
/** Small: all of it is in memory. */
const LOG_BYTES = { segmentBytes: 64 * 1024, writeBufferBytes: 64 * 1024 };

/** A node as in production, but for its disk, its network and its clock; its service takes what it is told. */
export class RehearsedNode {
  readonly driver: ConsensusDriver;
  readonly #stage: Stage;
  readonly #log: LogStore;
  readonly #toService = new ByteWriter();
  #transport: RehearsedTransport | undefined;
  #sequence = 0;

  constructor(id: NodeId, members: readonly ConsensusMember[], stage: Stage) {
    this.#stage = stage;
    this.#log = LogStore.open({
      fileSystem: new MemoryFileSystem(stage.later),
      directory: 'rehearsal',
      clusterId: 'rehearsal',
      nodeId: id,
      limits: LOG_BYTES,
    });
    const port = servicePort(
      (message) => this.#say(message),
      () => this.#say({ type: 'status', status: statusOf(this.driver) }),
      new TravellingBuffers(),
    );
    this.driver = new ConsensusDriver({
      config: raftConfig({ id, members, start: 'founds', timing: TIMING }),
      log: this.#log,
      service: {
        ...port,
        deliver: (entries) => {
          this.#toService.reset();
          writeCommitted(this.#toService, entries);
          const { index } = entries.at(-1)!;
          stage.later(() => this.driver.onApplied(index));
        },
        askForAnswer: () => {
          port.askForAnswer();
          stage.later(() => this.driver.health.onServiceAnswer());
        },
      },
      clock: stage.clock,
      // So that every rehearsal is the same.
      random: () => 0.5,
      incarnation: id,
      detection: TIMING,
      onEvent: (text) => this.#say({ type: 'event', text }),
      connect: (handler) => (this.#transport = new RehearsedTransport(id, handler, stage)),
    });
    this.driver.start();
  }

  get isLeader(): boolean {
    return this.driver.core.role === 'leader';
  }

  get term(): Term {
    return this.driver.core.term;
  }

  get isServing(): boolean {
    return this.driver.leadership.isServing;
  }

  connect(peer: RehearsedNode): void {
    this.#transport!.connect(peer.#transport!);
  }

  disconnect(peer: RehearsedNode): void {
    this.#transport!.disconnect(peer.#transport!);
  }

  /** A write of a client of this node. */
  write(): void {
    this.#sequence += 1;
    const batch = new Uint8Array(BATCH_ITEM_HEADER_BYTES + COMMAND_HEADER_BYTES + PAYLOAD_BYTES);
    writeItemHeader(batch, 0, {
      origin: this.driver.id,
      incarnation: this.driver.id,
      sequence: this.#sequence,
      payloadBytes: PAYLOAD_BYTES,
    });
    this.driver.onCommands(batch);
  }

  end(): void {
    this.driver.stop();
    this.#log.close(() => undefined);
    this.#stage.run();
  }

  #say(message: ToService): void {
    this.#toService.reset();
    writeToService(this.#toService, message);
  }
}
