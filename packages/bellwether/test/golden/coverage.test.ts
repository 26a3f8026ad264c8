import {
  AddWatchMode,
  CreateMode,
  ErrorCode,
  OpCode,
  WatcherType,
  WatchEventType,
  type MultiReadOperation,
  type MultiReadResult,
} from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { exchangesIn, directories } from './captured.ts';
import { CONNECT, readEvent, readReply, readRequest } from './messages.ts';
import { directoryOf, PROGRAMS, SCENARIOS } from './scenarios.ts';

/** What a client asked for, and what ZooKeeper made of it. */
interface Captured {
  readonly opCode: number;
  readonly asked: unknown;
  readonly error: number;
  readonly answered: unknown;
}

const all = directories.flatMap(exchangesIn);

const captured: readonly Captured[] = all
  .filter(({ operation }) => operation !== CONNECT)
  .map(({ operation, request, answers }) => {
    const opCode = request.readInt32BE(4);
    const { header, body } = readReply(operation, opCode, answers.zookeeper.reply);
    const { error } = header as { readonly error: number };
    return { opCode, asked: readRequest(operation, request).body, error, answered: body };
  });

const events = all.flatMap(({ answers }) => answers.zookeeper.events).map(readEvent);

/** The parts of transactions; those of reads are of the same form. */
const transactions = captured.filter(({ opCode, error }) => {
  return (opCode === OpCode.multi || opCode === OpCode.multiRead) && error === ErrorCode.ok;
});
const partsAsked = transactions.flatMap(({ asked }) => asked as readonly MultiReadOperation[]);
const partsAnswered = transactions.flatMap(({ answered }) => answered as MultiReadResult[]);

function valuesOf(key: string, ...opCodes: readonly number[]): ReadonlySet<unknown> {
  const records = captured.filter(({ opCode }) => opCodes.includes(opCode));
  return new Set(records.map(({ asked }) => (asked as Record<string, unknown>)[key]));
}

/** Names of the codes that are not in the set, but for those that have a reason. */
function missing(
  codes: Readonly<Record<string, number>>,
  found: ReadonlySet<unknown>,
  reasons: Readonly<Record<string, string>> = {},
): readonly string[] {
  const names = Object.keys(codes).filter((name) => !found.has(codes[name]));
  expect(Object.keys(reasons).filter((name) => !names.includes(name))).toEqual([]);
  return names.filter((name) => !(name in reasons));
}

it('there are captures of each program, and of nothing else', () => {
  const programs = SCENARIOS.flatMap((scenario) =>
    PROGRAMS[scenario].map((client) => directoryOf(client, scenario)),
  );
  expect(directories).toEqual(programs.sort());
});

describe('there is a capture of', () => {
  it('every operation, as it is asked for', () => {
    const asked = new Set([...captured, ...partsAsked].map(({ opCode }) => opCode));
    const reasons = {
      notification: 'it is what servers send with an event',
      error: 'it stands in answers to transactions only',
      createSession: 'clients ask for it by a connect request, which has no op code',
      deleteContainer: 'the leader asks for it, no client library does',
    };
    expect(missing(OpCode, asked, reasons)).toEqual([]);
  });

  it('every operation, as it is answered when it succeeds', () => {
    const succeeded = captured.filter(({ error }) => error === ErrorCode.ok);
    const answered = new Set([...succeeded, ...partsAnswered].map(({ opCode }) => opCode));
    const reasons = {
      notification: 'it is what servers send with an event',
      createSession: 'it is answered by a connect response, which has no op code',
      deleteContainer: 'the leader asks for it, no client library does',
    };
    expect(missing(OpCode, answered, reasons)).toEqual([]);
  });

  it('every kind of znode', () => {
    const { create, create2, createContainer, createTTL } = OpCode;
    const flags = valuesOf('flags', create, create2, createContainer, createTTL);
    expect(missing(CreateMode, flags)).toEqual([]);
  });

  it('every kind of watch, as it is left, looked for and taken away', () => {
    expect(missing(AddWatchMode, valuesOf('mode', OpCode.addWatch))).toEqual([]);
    expect(missing(WatcherType, valuesOf('type', OpCode.checkWatches))).toEqual([]);
    expect(missing(WatcherType, valuesOf('type', OpCode.removeWatches))).toEqual([]);
  });

  it('every event', () => {
    const types = new Set(events.map(({ body }) => (body as { readonly type: number }).type));
    const local = 'a client says it to itself';
    const reasons = {
      none: local,
      dataWatchRemoved: local,
      childWatchRemoved: local,
      persistentWatchRemoved: local,
    };
    expect(missing(WatchEventType, types, reasons)).toEqual([]);
  });

  it('sessions that are new, that come back, that are gone, and that are read-only', () => {
    const kinds = all
      .filter(({ operation }) => operation === CONNECT)
      .map(({ request, answers: { zookeeper } }) => {
        const wanted = readRequest(CONNECT, request).body as Greeting;
        const got = readReply(CONNECT, 0, zookeeper.reply).body as Greeting;
        const kind = wanted.sessionId === 0 ? 'new' : got.sessionId === 0 ? 'gone' : 'back';
        return `${kind} ${wanted.readOnly} ${got.readOnly}`;
      });
    expect([...new Set(kinds)].sort()).toEqual([
      'back false false',
      'gone false false',
      'new false false',
      'new true false',
      'new true true',
      'new undefined undefined',
    ]);
  });

  it('every error that a client can be brought to see', () => {
    const inParts = partsAnswered.map((part) => ('error' in part ? part.error : ErrorCode.ok));
    const errors = new Set([...captured.map(({ error }) => error), ...inParts]);
    const client = 'clients say it to their programs';
    const servers = 'servers do not send it';
    const unasked = 'no client library asks for what is answered so';
    const closed = 'the connection is closed instead';
    const reasons = {
      systemError: servers,
      dataInconsistency: servers,
      apiError: servers,
      unknownSession: servers,
      connectionLoss: client,
      operationTimeout: client,
      invalidCallback: client,
      requestTimeout: client,
      marshallingError: unasked,
      unimplemented: unasked,
      noWatcher: 'clients look among their own watches first',
      sessionExpired: 'a session that is gone shows in the connect response',
      sessionMoved: closed,
      ephemeralOnLocalSession: 'only servers with localSessionsUpgradingEnabled=false say it',
      sessionClosedRequireSaslAuth: 'only servers with sessionRequireClientSASLAuth say it',
      throttledOp: 'only servers with a request throttler say it',
      newConfigNoQuorum: 'Bellwether lets a member join that is not there yet',
      reconfigInProgress: 'Bellwether lets the second one wait',
    };
    expect(missing(ErrorCode, errors, reasons)).toEqual([]);
  });
});

interface Greeting {
  readonly sessionId: number;
  readonly readOnly: boolean | undefined;
}
