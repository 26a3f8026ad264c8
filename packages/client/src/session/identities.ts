import { ErrorCode, OpCode, SpecialXid, writeAuthRequest } from '@bellwether/protocol';
import { ClientError } from '../errors.ts';
import type { Output } from './output.ts';

/** Who a client says it is, in a scheme such as `digest`. */
export interface AuthInfo {
  readonly scheme: string;
  /** In scheme digest: `user:password`. */
  readonly auth: Uint8Array;
}

interface Identity {
  readonly info: AuthInfo;
  onAccepted(): void;
  onRefused(reason: Error): void;
}

/** Who the client says it is, again on each connection. */
export class Identities {
  readonly #known: Identity[];
  /** Presented on this connection, in the order in which it answers. */
  #unanswered: Identity[] = [];

  constructor(infos: readonly AuthInfo[]) {
    const nothing = (): void => undefined;
    this.#known = infos.map((info) => ({ info, onAccepted: nothing, onRefused: nothing }));
  }

  /**
   * Resolves when a server has accepted it.
   *
   * @param output undefined: on the next connection
   */
  add(info: AuthInfo, output: Output | undefined): Promise<void> {
    return new Promise((onAccepted, onRefused) => {
      const identity = { info, onAccepted, onRefused };
      this.#known.push(identity);
      if (output !== undefined) this.#present(identity, output);
    });
  }

  /** On a new connection, before watches and requests, which may need them. */
  presentAll(output: Output): void {
    this.#unanswered = [];
    for (const identity of this.#known) this.#present(identity, output);
  }

  /** The server's answer to the oldest that is unanswered; returned when it is a refusal. */
  onReply(error: number): ClientError | undefined {
    const identity = this.#unanswered.shift();
    if (error === ErrorCode.ok) {
      identity?.onAccepted();
      return undefined;
    }
    const refusal = new ClientError('authFailed', { operation: 'addAuth', number: error });
    identity?.onRefused(refusal);
    return refusal;
  }

  /** Nobody will be asked any more. */
  onClosed(reason: Error | undefined): void {
    const error = new ClientError('closed', { operation: 'addAuth', cause: reason });
    for (const identity of this.#known) identity.onRefused(error);
  }

  #present(identity: Identity, output: Output): void {
    this.#unanswered.push(identity);
    const { scheme, auth } = identity.info;
    const { writer } = output;
    const start = writer.beginFrame();
    writer.writeInt(SpecialXid.auth);
    writer.writeInt(OpCode.auth);
    writeAuthRequest(writer, { type: 0, scheme, auth });
    writer.endFrame(start);
    output.flushSoon();
  }
}
