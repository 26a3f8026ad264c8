import type { LogIndex } from '@bellwether/raft';
import type { LogStore, SnapshotReader } from '@bellwether/storage';
import { LIMITS } from '../limits.ts';
import { decodePreamble } from './snapshot-preamble.ts';
import type { ServicePort } from './service-port.ts';

/** Feeds the newest snapshot to the service thread, a few chunks ahead of it. */
export class Restorer {
  readonly #log: LogStore;
  readonly #service: ServicePort;
  readonly #onDone: (appliedIndex: LogIndex, timeMs: number) => void;
  #reader: SnapshotReader | undefined;
  #timeMs = 0;
  /** Chunks given to the service and not yet restored, also those of a run that was cut short. */
  #inFlight = 0;

  /** `onDone` gets the snapshot's index, and a time that is not before any command's up to there. */
  constructor(
    log: LogStore,
    service: ServicePort,
    onDone: (appliedIndex: LogIndex, timeMs: number) => void,
  ) {
    this.#log = log;
    this.#service = service;
    this.#onDone = onDone;
  }

  get isRestoring(): boolean {
    return this.#reader !== undefined;
  }

  /** Starts anew with the log's newest snapshot. */
  begin(): void {
    this.#reader?.close();
    this.#reader = this.#log.openSnapshot();
    this.#timeMs = decodePreamble(this.#reader?.readChunk()).timeMs;
    this.#service.restoreBegin();
    this.#feed();
  }

  onChunkRestored(): void {
    this.#inFlight -= 1;
    this.#feed();
  }

  #feed(): void {
    while (this.#reader !== undefined && this.#inFlight < LIMITS.restoreChunksInFlightMax) {
      const chunk = this.#reader.readChunk();
      if (chunk === undefined) return this.#end(this.#reader);
      this.#inFlight += 1;
      this.#service.restoreChunk(chunk);
    }
  }

  #end(reader: SnapshotReader): void {
    reader.close();
    this.#reader = undefined;
    this.#service.restoreEnd(reader.metadata.index);
    this.#onDone(reader.metadata.index, this.#timeMs);
  }
}
