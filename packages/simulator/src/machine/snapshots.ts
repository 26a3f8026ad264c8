import { createHash } from 'node:crypto';
import type { StateMachine } from '@bellwether/cluster';

type Snapshots = Pick<StateMachine, 'snapshot' | 'restore' | 'digest'>;

/** All of a snapshot, as it is now. */
export function chunksOf(machine: Snapshots): readonly Uint8Array[] {
  return Array.from(machine.snapshot(), (chunk) => chunk.slice());
}

/** Brings a machine to the state of a snapshot. */
export function restoreInto(machine: Snapshots, chunks: readonly Uint8Array[]): void {
  const sink = machine.restore();
  for (const chunk of chunks) sink.write(chunk.slice());
  sink.end();
}

/** Equal where states are: as the machine says itself, or by the bytes of a snapshot. */
export function digestOf(machine: Snapshots): string {
  if (machine.digest !== undefined) return machine.digest();
  const hash = createHash('sha1');
  for (const chunk of machine.snapshot()) hash.update(chunk);
  return hash.digest('base64').slice(0, 16);
}
