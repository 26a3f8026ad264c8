import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Has something cleaned up at an end, of the test unless said otherwise. */
export type AtEnd = (cleanUp: () => void | Promise<void>) => void;

/** A directory that is gone in the end. */
export function temporaryDirectory(atEnd: AtEnd = onTestFinished): string {
  const path = mkdtempSync(join(tmpdir(), 'bellwether-cluster-'));
  atEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A condition to be awaited, told about every change. */
export class Signal {
  readonly #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  readonly changed = (): void => {
    for (const waiter of this.#waiting.splice(0)) {
      if (waiter.holds()) waiter.resolve();
      else this.#waiting.push(waiter);
    }
  };

  /** Resolves as soon as `holds` is true after some change. */
  readonly until = (holds: () => boolean): Promise<void> => {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  };
}
