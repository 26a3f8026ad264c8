import { NodeRuntime } from '../../src/node-runtime.ts';
import type { DialTarget, Transport, TransportHandlers } from '../../src/runtime.ts';

const SILENT: Transport = { write: (_bytes, onWritten) => onWritten(), destroy: () => undefined };

interface Link {
  isCut: boolean;
}

/** Sockets of Node.js behind a cable that can be cut: then nothing arrives, and nobody is told. */
export class CutRuntime extends NodeRuntime {
  readonly #links = new Set<Link>();
  #isCut = false;

  constructor() {
    super(undefined);
  }

  /** What is connected now stays silent for ever; what is dialled before `heal` does, too. */
  cut(): void {
    this.#isCut = true;
    for (const link of this.#links) link.isCut = true;
    this.#links.clear();
  }

  heal(): void {
    this.#isCut = false;
  }

  override dial(target: DialTarget, handlers: TransportHandlers): Transport {
    if (this.#isCut) return SILENT;
    const link: Link = { isCut: false };
    this.#links.add(link);
    const transport = super.dial(target, {
      onConnected: () => {
        if (!link.isCut) handlers.onConnected();
      },
      onData: (bytes) => {
        if (!link.isCut) handlers.onData(bytes);
      },
      onClosed: (reason) => {
        this.#links.delete(link);
        if (!link.isCut) handlers.onClosed(reason);
      },
    });
    return {
      write: (bytes, onWritten) => {
        if (link.isCut) onWritten();
        else transport.write(bytes, onWritten);
      },
      destroy: () => {
        this.#links.delete(link);
        transport.destroy();
      },
    };
  }
}
