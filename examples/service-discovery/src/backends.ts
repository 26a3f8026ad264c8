import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./backend-process.js', import.meta.url));

/** Starts a backend in a process of its own; resolves when it can be found. */
export async function forkBackend(connectString: string, name: string): Promise<ChildProcess> {
  const child = fork(program, [connectString, name]);
  await once(child, 'message');
  return child;
}
