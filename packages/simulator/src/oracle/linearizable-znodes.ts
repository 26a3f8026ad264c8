import type { Change, HistoryRecord, ReadRecord, WriteRecord } from './history.ts';
import { OracleError } from './history.ts';
import { checkLinearizability } from './linearizability/checker.ts';
import type { Operation } from './linearizability/model.ts';
import type { ZnodeInput, ZnodeOutput } from './linearizability/znode-model.ts';
import { znodeModel } from './linearizability/znode-model.ts';

type ZnodeOperation = Operation<ZnodeInput, ZnodeOutput>;

interface Sighting {
  readonly version: number;
  readonly endedMs: number;
}

const NO_NODE = -101;
/** In the place of values that nobody was ever shown. */
const UNSEEN = '?';

/**
 * Writes, and reads behind a sync, of each znode are linearizable. Judged by what clients saw and when,
 * without the zxids: those are the cluster's own word.
 */
export function checkLinearizable(records: readonly HistoryRecord[]): void {
  const byPath = new Map<string, ZnodeOperation[]>();
  const add = (path: string, operation: ZnodeOperation): void => {
    const known = byPath.get(path);
    if (known === undefined) byPath.set(path, [operation]);
    else known.push(operation);
  };
  const sightings = sightingsIn(records);
  for (const record of records) {
    if (record.type === 'write') addWrite(record, sightings, add);
    else if (record.type === 'read' && record.guarantee === 'linearizable') {
      add(record.path, readOperation(record));
    }
  }
  for (const [path, operations] of byPath) checkOne(path, withoutTakenVersions(operations));
}

/**
 * Where a znode was never deleted, each version was made by one write: what is known of the others tells
 * which versions the unanswered ones can't have made. That keeps the search from losing its way.
 */
function withoutTakenVersions(operations: readonly ZnodeOperation[]): readonly ZnodeOperation[] {
  if (operations.some(({ input }) => input.kind === 'delete')) return operations;
  const notVersions = new Set<number>();
  for (const { input, output } of operations) {
    if (input.kind === 'set' && output?.version !== undefined) notVersions.add(output.version);
  }
  return operations.map((operation) => {
    const { input, output } = operation;
    if (input.kind !== 'set' || output !== undefined) return operation;
    return { ...operation, input: { ...input, notVersions } };
  });
}

/** The first time that somebody was shown a value, by path and value. */
function sightingsIn(records: readonly HistoryRecord[]): Map<string, Sighting> {
  const sightings = new Map<string, Sighting>();
  for (const record of records) {
    if (record.type !== 'read' || record.seen?.value === undefined) continue;
    const { value, version } = record.seen;
    const key = `${record.path} ${value}`;
    const known = sightings.get(key);
    if (known !== undefined && known.endedMs <= record.endedMs) continue;
    sightings.set(key, { version, endedMs: record.endedMs });
  }
  return sightings;
}

function checkOne(path: string, operations: readonly ZnodeOperation[]): void {
  const result = checkLinearizability(znodeModel, operations);
  if (result.verdict === 'linearizable') return;
  if (result.verdict === 'undecided') {
    throw new OracleError('linearizable', `${path}: too many orders of ${operations.length}`);
  }
  const last = result.longest.at(-1);
  const stuck = result.stuck.slice(0, 4).map(describe).join('; ');
  const behind = last === undefined ? 'the beginning' : describe(last);
  throw new OracleError('linearizable', `${path}: nothing fits behind ${behind}: ${stuck}`);
}

function addWrite(
  record: WriteRecord,
  sightings: ReadonlyMap<string, Sighting>,
  add: (path: string, operation: ZnodeOperation) => void,
): void {
  const { changes, outcome, error } = record;
  if (outcome === 'failed') return;
  // Of a multi that was refused nobody knows which part was.
  if (error !== 0 && changes.length > 1) return;
  for (const change of changes) {
    // Ephemerals go with their sessions, and sequential znodes are each written once.
    if (change.kind !== 'persistent' || isEphemeral(change)) continue;
    const sighting = sightings.get(`${change.path} ${change.value}`);
    add(change.path, writeOperation(record, change, sighting));
  }
}

/** Who does not know how a write ended may find out by what others see. */
function writeOperation(
  { outcome, error, invokedMs, endedMs }: WriteRecord,
  change: Change,
  sighting: Sighting | undefined,
): ZnodeOperation {
  const input = inputOf(change);
  if (outcome === 'done') {
    return { input, output: { error, version: change.made?.version }, invokedMs, endedMs };
  }
  if (sighting !== undefined) {
    const output = { error: 0, version: sighting.version };
    return { input, output, invokedMs, endedMs: sighting.endedMs };
  }
  const { action, expectedVersion } = change;
  const unseen = inputOf({ ...change, value: UNSEEN });
  const label = `${action} ${expectedVersion}`;
  const isNarrow = expectedVersion !== -1;
  return { input: unseen, output: undefined, invokedMs, endedMs, label, isNarrow };
}

/** A delete does not say what it deletes; ephemerals have names of their own. */
const isEphemeral = ({ action, path }: Change): boolean =>
  action === 'delete' && path.lastIndexOf('/') > 0;

function inputOf({ action, value, expectedVersion }: Change): ZnodeInput {
  if (action === 'create') return { kind: 'create', value };
  return action === 'set'
    ? { kind: 'set', value, expectedVersion }
    : { kind: 'delete', expectedVersion };
}

function readOperation({ seen, invokedMs, endedMs }: ReadRecord): ZnodeOperation {
  const output: ZnodeOutput =
    seen === undefined
      ? { error: NO_NODE }
      : { error: 0, version: seen.version, value: seen.value };
  return { input: { kind: 'read' }, output, invokedMs, endedMs };
}

function describe({ input, output, invokedMs, endedMs }: ZnodeOperation): string {
  const value = 'value' in input ? ` ${input.value}` : '';
  const answer = output === undefined ? 'unknown' : JSON.stringify(output);
  return `${input.kind}${value} = ${answer} [${invokedMs.toFixed(3)}, ${endedMs.toFixed(3)}]`;
}
