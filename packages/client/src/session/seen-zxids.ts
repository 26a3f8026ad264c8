import { SpecialXid, type ReplyHeader } from '@bellwether/protocol';

/** How far a client has come in the servers' history, over all its sessions. */
export class SeenZxids {
  /** Newest of all: a server that is behind it must not serve this client. */
  newest = 0;
  /** Up to it, all events of watches have come: told <= newest. */
  told = 0;
  /** Requests that set watches again without their answers; undefined: not sent yet. */
  #restoresPending: number | undefined;

  onDisconnected(): void {
    this.#restoresPending = undefined;
  }

  /** @param count of the requests that set watches again on this connection */
  onRestoring(count: number): void {
    this.#restoresPending = count;
  }

  onReply({ xid, zxid }: ReplyHeader): void {
    this.newest = Math.max(this.newest, zxid);
    // Several events may have one zxid, and the connection break between them.
    if (xid === SpecialXid.event || this.#restoresPending !== 0) return;
    this.told = Math.max(this.told, zxid);
  }

  /** Part of the watches is set again. True: all of them are. */
  onRestored(header: ReplyHeader): boolean {
    if (this.#restoresPending !== undefined) this.#restoresPending--;
    this.onReply(header);
    return this.#restoresPending === 0;
  }
}
