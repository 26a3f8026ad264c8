import {
  CreateMode,
  OpCode,
  type MultiOperation,
  type MultiResult,
  type Stat,
} from '@bellwether/protocol';
import { ClientError } from './errors.ts';
import { createQuery, type ZnodeOptions } from './operations/create-options.ts';
import { findFailure, TransactionError } from './operations/multi.ts';
import { toBytes } from './operations/results.ts';
import type { RequestOptions } from './options.ts';
import type { Chroot } from './paths.ts';

/** How a transaction is tied to its client. */
export interface TransactionPorts {
  readonly chroot: Chroot;
  submit(
    operations: readonly MultiOperation[],
    options: RequestOptions,
  ): Promise<readonly MultiResult[]>;
}

/** `version` of what is to be changed; left out: whatever it is. */
export interface VersionOption {
  readonly version?: number;
}

/** What a `create` in a transaction made. */
export interface CreatedInTransaction {
  /** With the sequence number, where one was asked for. */
  readonly path: string;
  /** Left out by some servers, such as ZooKeeper 3.8. */
  readonly stat: Stat | undefined;
}

/**
 * Several writes that happen together or not at all, built part by part:
 *
 *     const [made, stat] = await client.multi().create('/a', 'x').setData('/b', 'y').commit();
 *
 * The type of the result follows the parts.
 */
export class Transaction<Results extends readonly unknown[] = []> {
  readonly #ports: TransactionPorts;
  readonly #operations: MultiOperation[] = [];
  readonly #paths: string[] = [];

  constructor(ports: TransactionPorts) {
    this.#ports = ports;
  }

  /** Makes a znode; its result is a `CreatedInTransaction`. */
  create(
    path: string,
    data: Uint8Array | string | null = null,
    options: ZnodeOptions = {},
  ): Transaction<[...Results, CreatedInTransaction]> {
    const request = createQuery(this.#ports.chroot.outside(path), data, options);
    if ('ttlMs' in request) return this.#add(path, { opCode: OpCode.createTTL, request });
    const isContainer = request.flags === CreateMode.container;
    const opCode = isContainer ? OpCode.createContainer : OpCode.create2;
    return this.#add(path, { opCode, request });
  }

  /** Deletes a znode; its result is undefined. */
  delete(path: string, { version = -1 }: VersionOption = {}): Transaction<[...Results, undefined]> {
    const request = { path: this.#ports.chroot.outside(path), version };
    return this.#add(path, { opCode: OpCode.delete, request });
  }

  /** Sets the data of a znode; its result is the new Stat. */
  setData(
    path: string,
    data: Uint8Array | string | null,
    { version = -1 }: VersionOption = {},
  ): Transaction<[...Results, Stat]> {
    const request = { path: this.#ports.chroot.outside(path), data: toBytes(data), version };
    return this.#add(path, { opCode: OpCode.setData, request });
  }

  /** The znode must be there, with this version when it is given; its result is undefined. */
  check(path: string, { version = -1 }: VersionOption = {}): Transaction<[...Results, undefined]> {
    const request = { path: this.#ports.chroot.outside(path), version };
    return this.#add(path, { opCode: OpCode.check, request });
  }

  /**
   * Sends it. Rejects with TransactionError when a part failed, and then none has happened.
   *
   * @returns one result for each part, in order
   */
  async commit(options: RequestOptions = {}): Promise<Results> {
    const answers = await this.#ports.submit(this.#operations, options);
    const failure = findFailure(answers);
    if (failure !== undefined) {
      throw new TransactionError(failure.index, failure.error, this.#paths[failure.index]);
    }
    if (answers.length !== this.#operations.length) {
      const message = `${answers.length} answers to ${this.#operations.length} parts`;
      throw new ClientError('protocolViolation', { operation: 'multi', message });
    }
    return answers.map((answer) => this.#resultOf(answer)) as readonly unknown[] as Results;
  }

  #add<More>(path: string, operation: MultiOperation): Transaction<[...Results, More]> {
    this.#operations.push(operation);
    this.#paths.push(path);
    return this as Transaction<readonly unknown[]> as Transaction<[...Results, More]>;
  }

  #resultOf(answer: MultiResult): CreatedInTransaction | Stat | undefined {
    switch (answer.opCode) {
      case OpCode.create2:
        return { path: this.#ports.chroot.inside(answer.path), stat: answer.stat };
      case OpCode.setData:
        return answer.stat;
      case OpCode.create:
        return { path: this.#ports.chroot.inside(answer.path), stat: undefined };
      case OpCode.delete:
      case OpCode.check:
      case OpCode.error:
        return undefined;
      default:
        answer satisfies never;
        return undefined;
    }
  }
}
