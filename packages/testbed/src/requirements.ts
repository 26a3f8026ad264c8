import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Network } from './network.ts';

/** Programs that networks are made with, and Debian's packages that have them. */
const PROGRAMS = { ip: 'iproute2', 'iptables-restore': 'iptables' } as const;

let answer: { readonly reason: string | undefined } | undefined;

/**
 * Why no networks can be made here, in words for a person; undefined when they can. Found out by making
 * one, the first time.
 */
export function whyNoNetworks(): string | undefined {
  answer ??= { reason: findReason() };
  return answer.reason;
}

function findReason(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root, and this is not root';
  for (const [program, debian] of Object.entries(PROGRAMS)) {
    if (!isInstalled(program))
      return `${program} is not installed (Debian: apt-get install ${debian})`;
  }
  try {
    Network.create(1).destroy();
    return undefined;
  } catch (error) {
    return `this machine does not allow network namespaces: ${(error as Error).message}`;
  }
}

/** Whether a program is in the PATH. */
export function isInstalled(program: string): boolean {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.some((directory) => existsSync(join(directory, program)));
}
