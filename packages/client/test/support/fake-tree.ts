import {
  CreateMode,
  ErrorCode,
  isSequential,
  JuteReader,
  OpCode,
  readCreateRequest,
  readDeleteRequest,
  readExistsRequest,
  readSetDataRequest,
  WatchEventType,
  writeCreate2Response,
  writeGetDataResponse,
  writeStat,
  type Stat,
} from '@bellwether/protocol';
import { parentOf } from '../../src/paths.ts';
import { STAT, type FakeServer, type Reaction, type Received } from './fake-server.ts';

interface FakeNode {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
  readonly isEphemeral: boolean;
  children: number;
}

const OK = { error: ErrorCode.ok };

/** Gives a fake server znodes and one-shot watches: as much as recipes need, for one session. */
export class FakeTree {
  /** What becomes of an answer, after its request has been executed. */
  afterExecution: (received: Received) => Reaction = () => 'answer';
  readonly #server: FakeServer;
  readonly #nodes = new Map<string, FakeNode>();
  readonly #dataWatches = new Set<string>();
  readonly #childWatches = new Set<string>();
  #zxid = 1_000;

  constructor(server: FakeServer) {
    this.#server = server;
    server.react = (received) => {
      const reaction = this.#execute(received);
      const change = this.afterExecution(received);
      return change === 'answer' ? reaction : change;
    };
    this.#put('/', null, CreateMode.persistent);
  }

  /** Paths that somebody watches, as the server knows it. */
  get watched(): readonly string[] {
    return [...this.#dataWatches, ...this.#childWatches].toSorted();
  }

  /** Names, in order. */
  childrenOf(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const paths = [...this.#nodes.keys()].filter((each) => each !== '/' && parentOf(each) === path);
    return paths.map((each) => each.slice(prefix.length)).toSorted(bySequence);
  }

  /** By somebody else's hand. */
  remove(path: string): void {
    this.#delete(path);
  }

  /** An ephemeral of somebody else's session, or a persistent one. */
  put(path: string, owner = 0): void {
    const node = this.#put(path, null, CreateMode.persistent);
    const stat = { ...node.stat, ephemeralOwner: owner, ephemeralOwnerLow: owner };
    this.#nodes.set(path, { ...node, stat });
    this.#onChildren(parentOf(path));
  }

  has(path: string): boolean {
    return this.#nodes.has(path);
  }

  /** The session's ephemerals go. */
  expire(): void {
    for (const [path, { isEphemeral }] of this.#nodes) if (isEphemeral) this.#nodes.delete(path);
    this.#dataWatches.clear();
    this.#childWatches.clear();
  }

  #execute({ opCode, body }: Received): Reaction {
    const reader = new JuteReader(body);
    switch (opCode) {
      case OpCode.create2:
        return this.#create(reader);
      case OpCode.delete:
        return this.#deleteEmpty(readDeleteRequest(reader).path);
      case OpCode.setData:
        return this.#setData(reader);
      case OpCode.removeWatches:
        return this.#removeWatches(reader.readPresentString());
      case OpCode.exists:
      case OpCode.getData:
      case OpCode.getChildren2:
        return this.#read(opCode, reader);
      default:
        return 'answer';
    }
  }

  #create(reader: JuteReader): Reaction {
    const { path: asked, data, flags } = readCreateRequest(reader);
    const parent = this.#nodes.get(parentOf(asked));
    if (parent === undefined) return { error: ErrorCode.noNode };
    const mode = flags as CreateMode;
    const number = isSequential(mode) ? String(parent.children).padStart(10, '0') : '';
    const path = asked + number;
    if (this.#nodes.has(path)) return { error: ErrorCode.nodeExists };
    parent.children++;
    const { stat } = this.#put(path, data?.slice() ?? null, mode);
    if (this.#dataWatches.delete(path)) this.#server.sendEvent(WatchEventType.nodeCreated, path);
    this.#onChildren(parentOf(path));
    return { ...OK, body: (writer) => writeCreate2Response(writer, path, stat) };
  }

  #put(path: string, data: Uint8Array | null, mode: CreateMode): FakeNode {
    const isEphemeral = mode === CreateMode.ephemeral || mode === CreateMode.ephemeralSequential;
    const owner = isEphemeral ? this.#server.sessionId : 0;
    const czxid = this.#zxid++;
    const stat = { ...STAT, czxid, mzxid: czxid, ephemeralOwner: owner, ephemeralOwnerLow: owner };
    const node = { data, stat, isEphemeral, children: 0 };
    this.#nodes.set(path, node);
    return node;
  }

  #deleteEmpty(path: string): Reaction {
    const isParent = [...this.#nodes.keys()].some((each) => each.startsWith(`${path}/`));
    return isParent ? { error: ErrorCode.notEmpty } : this.#delete(path);
  }

  #delete(path: string): Reaction {
    if (!this.#nodes.delete(path)) return { error: ErrorCode.noNode };
    const isWatched = this.#dataWatches.delete(path);
    const isListed = this.#childWatches.delete(path);
    if (isWatched || isListed) this.#server.sendEvent(WatchEventType.nodeDeleted, path);
    this.#onChildren(parentOf(path));
    return OK;
  }

  #setData(reader: JuteReader): Reaction {
    const { path, data } = readSetDataRequest(reader);
    const node = this.#nodes.get(path);
    if (node === undefined) return { error: ErrorCode.noNode };
    const stat = { ...node.stat, version: node.stat.version + 1, mzxid: this.#zxid++ };
    this.#nodes.set(path, { ...node, data: data?.slice() ?? null, stat });
    if (this.#dataWatches.delete(path)) {
      this.#server.sendEvent(WatchEventType.nodeDataChanged, path);
    }
    return { ...OK, body: (writer) => writeStat(writer, stat) };
  }

  #removeWatches(path: string): Reaction {
    const isWatched = this.#dataWatches.delete(path);
    const isListed = this.#childWatches.delete(path);
    return isWatched || isListed ? OK : { error: ErrorCode.noWatcher };
  }

  #onChildren(path: string): void {
    if (this.#childWatches.delete(path)) {
      this.#server.sendEvent(WatchEventType.nodeChildrenChanged, path);
    }
  }

  #read(opCode: number, reader: JuteReader): Reaction {
    const { path, watch } = readExistsRequest(reader);
    const node = this.#nodes.get(path);
    if (watch && (node !== undefined || opCode === OpCode.exists)) {
      (opCode === OpCode.getChildren2 ? this.#childWatches : this.#dataWatches).add(path);
    }
    if (node === undefined) return { error: ErrorCode.noNode };
    return {
      ...OK,
      body: (writer) => {
        if (opCode === OpCode.getData) return writeGetDataResponse(writer, node.data, node.stat);
        if (opCode === OpCode.getChildren2) writer.writeStrings(this.childrenOf(path));
        writeStat(writer, node.stat);
      },
    };
  }
}

function bySequence(a: string, b: string): number {
  return a.slice(-10) < b.slice(-10) ? -1 : 1;
}
