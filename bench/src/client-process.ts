/** A client process: runs the sessions it is told to, on messages from the benchmark. */
import { performance } from 'node:perf_hooks';
import { assert } from './assert.ts';
import { LatencyHistogram } from './histogram.ts';
import { DRAIN_TIMEOUT_MS, SETUP_TIMEOUT_MS } from './limits.ts';
import { LoadSession, type Tally } from './load-session.ts';
import type { Load } from './loads.ts';
import type { FromClient, SessionPlan, ToClient } from './messages.ts';
import { encodeCreate, encodeDelete, encodeSetData, ERROR_CODE } from './wire.ts';

const ROOT = '/bellwether-bench';

interface RunningSession {
  readonly session: LoadSession;
  readonly path: string;
}

interface Run {
  readonly load: Load;
  readonly tally: Tally;
  readonly sessions: readonly RunningSession[];
  startedAtMs: number;
  cpuAtStart: NodeJS.CpuUsage;
}

let run: Run | undefined;

function send(message: FromClient): void {
  process.send?.(message);
}

async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took over ${timeoutMs} ms`)), timeoutMs);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

function expectError(error: number, what: string, ...allowed: readonly number[]): void {
  if (!allowed.includes(error)) throw new Error(`${what} failed with error ${error}`);
}

async function prepareSession(
  plan: SessionPlan,
  load: Load,
  tally: Tally,
): Promise<RunningSession> {
  const session = new LoadSession(plan.host, plan.id + 1, tally);
  const path = `${ROOT}/c${plan.id}`;
  const data = Buffer.alloc(load.dataBytes, 'x');
  const { ok, nodeExists } = ERROR_CODE;
  await session.open();
  const root = await session.request(encodeCreate(ROOT, Buffer.alloc(0)));
  expectError(root, `create ${ROOT}`, ok, nodeExists);
  expectError(await session.request(encodeCreate(path, data)), `create ${path}`, ok, nodeExists);
  expectError(await session.request(encodeSetData(path, data)), `set ${path}`, ok);
  return { session, path };
}

async function prepare(load: Load, plans: readonly SessionPlan[]): Promise<void> {
  const tally: Tally = { histogram: new LatencyHistogram(), acknowledged: 0, errors: 0 };
  const opening = Promise.all(plans.map((plan) => prepareSession(plan, load, tally)));
  const sessions = await within(SETUP_TIMEOUT_MS, 'connecting', opening);
  run = { load, tally, sessions, startedAtMs: 0, cpuAtStart: process.cpuUsage() };
  send({ type: 'prepared' });
}

function start(current: Run): void {
  current.cpuAtStart = process.cpuUsage();
  current.startedAtMs = performance.now();
  for (const { session, path } of current.sessions) session.start(current.load, path);
  send({ type: 'started' });
}

/** The last client that leaves takes the root with it; before that it is not empty. */
async function leave({ session, path }: RunningSession): Promise<void> {
  await session.request(encodeDelete(path));
  await session.request(encodeDelete(ROOT));
}

async function stop(current: Run): Promise<void> {
  const elapsedMs = performance.now() - current.startedAtMs;
  const { acknowledged } = current.tally;
  const cpu = process.cpuUsage(current.cpuAtStart);
  const draining = Promise.all(current.sessions.map(({ session }) => session.stop()));
  await within(DRAIN_TIMEOUT_MS, 'answering what was in flight', draining);
  const { errors, histogram } = current.tally;
  const cpuUs = cpu.user + cpu.system;
  await Promise.allSettled(current.sessions.map(leave));
  await Promise.allSettled(current.sessions.map(({ session }) => session.close()));
  run = undefined;
  send({ type: 'result', acknowledged, errors, elapsedMs, cpuUs, histogram: histogram.toData() });
}

async function handle(message: ToClient): Promise<void> {
  if (message.type === 'prepare') return prepare(message.load, message.sessions);
  assert(run !== undefined, `prepare comes before ${message.type}`);
  return message.type === 'start' ? start(run) : stop(run);
}

process.on('message', (message: ToClient) => {
  handle(message).catch((error: Error) => send({ type: 'failed', reason: error.message }));
});
// Without the benchmark there is nobody to measure for.
process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to the whole group; the benchmark itself decides when its clients end.
process.on('SIGINT', () => {});
