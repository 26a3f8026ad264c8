/*
 * Bugs on purpose, put between a node and its world: a check that catches none of them checks nothing.
 */
import type { PeerMessage, Transport } from '@bellwether/cluster';
import { ConsensusDriver } from '@bellwether/cluster';
import { CommandAdmission } from '@bellwether/cluster/testing';
import { RaftNode } from '@bellwether/raft';
import type { File, FileSystem, LogStore } from '@bellwether/storage';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SimulationOptions } from '../src/index.ts';
import { Register, registerApplication, runSeed as simulate, Violation } from '../src/index.ts';

const SEEDS_MAX = 40;

/** Runs seeds until one fails; what it was caught by. */
function caughtBy(options: Omit<SimulationOptions, 'seed'>): string {
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const { failure } = simulate({ safetyMs: 4000, ...options, seed });
    if (failure === undefined) continue;
    const { error } = failure;
    return error instanceof Violation ? error.invariant : error.message;
  }
  return `nothing, in ${SEEDS_MAX} seeds`;
}

/** The same object with some members replaced; the others still see their own private fields. */
function withMembers<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const owner = name in members ? members : target;
      const value: unknown = Reflect.get(owner, name, owner);
      return typeof value === 'function' ? value.bind(owner) : value;
    },
  });
}

const EMPTY = new Uint8Array(0);

/** Says that a write is durable when it is only in the disk's cache. */
const lyingFile = (file: File): File =>
  withMembers(file, {
    writeThrough: (bytes, position, onDone) => {
      file.write(bytes, position);
      file.writeThrough(EMPTY, 0, onDone);
    },
  });

const lyingDisk = (fileSystem: FileSystem): FileSystem =>
  withMembers(fileSystem, { open: (path, mode) => lyingFile(fileSystem.open(path, mode)) });

/** Answers before the flush is done. */
const hastyLog = (log: LogStore): LogStore =>
  withMembers(log, {
    flush: (onDone) => {
      log.flush(() => undefined);
      onDone(undefined);
    },
  });

/** Never writes down for whom it voted. */
const forgetfulLog = (log: LogStore): LogStore =>
  withMembers(log, {
    setHardState: (hardState) => log.setHardState({ ...hardState, vote: 0 }),
  });

/** Loses one in ten messages of a kind without breaking the connection. */
function losingTransport(transport: Transport, type: PeerMessage['type']): Transport {
  let count = 0;
  return withMembers(transport, {
    send: (message: PeerMessage) => {
      if (message.type === type && ++count % 10 === 0) return;
      transport.send(message);
    },
  });
}

class WrongRegister extends Register {
  override onOutcomesUnknown(): void {}

  override onCommitted(batch: Parameters<Register['onCommitted']>[0]): void {
    const isLate = batch.index > 50;
    if (isLate) while (batch.next()) continue;
    else super.onCommitted(batch);
  }
}

describe('a simulated cluster shows', { timeout: 120_000 }, () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('acknowledgements and votes that leave before the flush', () => {
    expect(caughtBy({ experiments: { log: hastyLog } })).toBe('persistedBeforeSent');
  });

  it('a disk that lies about its flushes', () => {
    const caught = caughtBy({ experiments: { fileSystem: lyingDisk } });
    expect(caught).toMatch(/persistedBeforeSent|is damaged at offset/);
  });

  it('a vote that is forgotten in a restart', () => {
    expect(caughtBy({ experiments: { log: forgetfulLog } })).toBe('persistedBeforeSent');
  });

  it('an admission that forgets what it has taken', () => {
    vi.spyOn(CommandAdmission.prototype, 'take').mockReturnValue(true);
    expect(caughtBy({})).toMatch(/exactlyOnce|own commands? (is|are) committed/);
  });

  it('an admission that takes what was sent for another term', () => {
    vi.spyOn(CommandAdmission.prototype, 'isFor').mockReturnValue(true);
    vi.spyOn(CommandAdmission.prototype, 'onElected').mockReturnValue();
    const caught = caughtBy({ nodes: 5, safetyMs: 5000 });
    expect(caught).toMatch(/exactlyOnce|convergence|own commands? (is|are) committed/);
  });

  it('forwarded commands that are lost while their connection lasts', () => {
    const transport = (inner: Transport): Transport => losingTransport(inner, 'ForwardCommands');
    expect(caughtBy({ experiments: { transport } })).toMatch(/exactlyOnce|own commands are/);
  });

  it('reads that are answered without asking whether somebody else leads', () => {
    vi.spyOn(RaftNode.prototype, 'readIndex').mockImplementation(function (this: RaftNode, id) {
      this.state.outbox.answerRead({ requestId: id, index: this.state.log.commitIndex });
    });
    expect(caughtBy({})).toBe('linearizableReads');
  });

  it('two leaders in one term', () => {
    const { step } = RaftNode.prototype;
    vi.spyOn(RaftNode.prototype, 'step').mockImplementation(function (this: RaftNode, message) {
      const { state } = this;
      const isVote = message.type === 'RequestVote' && message.term === state.term;
      if (isVote && state.role === 'follower') state.vote = 0;
      step.call(this, message);
    });
    const caught = caughtBy({ nodes: 5, safetyMs: 6000 });
    expect(caught).toMatch(/electionSafety|persistedBeforeSent|one vote in a term/);
  });

  it('a node that stops for ever', () => {
    const { tick } = ConsensusDriver.prototype;
    vi.spyOn(ConsensusDriver.prototype, 'tick').mockImplementation(function (
      this: ConsensusDriver,
    ) {
      if (this.core.commitIndex > 200) this.stop();
      else tick.call(this);
    });
    expect(caughtBy({})).toBe('convergence');
  });

  it('a state machine that does something else on one node', () => {
    let services = 0;
    const createService = (): Register =>
      ++services % 3 === 0 ? new WrongRegister() : new Register();
    const application = registerApplication(createService);
    expect(caughtBy({ application })).toBe('replicasAgree');
  });

  it('nothing where nothing is wrong', () => {
    expect(caughtBy({})).toBe(`nothing, in ${SEEDS_MAX} seeds`);
  });
});
