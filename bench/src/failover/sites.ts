import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Network, NodeFaults, whyNoNetworks } from '@bellwether/testbed';
import { LOOPBACK, type Site } from '../ensemble.ts';
import type { Missing } from '../systems.ts';

/** What a case needs around the servers. */
export type SiteName = 'loopback' | 'injected' | 'network';

/** Servers on loopback that can be made to fail from inside. */
export interface InjectedSite extends Site {
  readonly name: 'injected';
  readonly faults: NodeFaults;
}

/** Servers with a network each. */
export interface NetworkSite extends Site {
  readonly name: 'network';
  readonly network: Network;
}

export type BenchSite = ({ readonly name: 'loopback' } & Site) | InjectedSite | NetworkSite;

/** Makes a site, or says why it can't be had. The caller destroys it. */
export function makeSite(name: SiteName, servers: number, directory: string): BenchSite | Missing {
  switch (name) {
    case 'loopback':
      return { ...LOOPBACK, name };
    case 'injected':
      return makeInjected(mkdtempSync(join(directory, 'bellwether-faults-')));
    case 'network':
      return makeNetwork(servers);
    default:
      return name satisfies never;
  }
}

function makeInjected(directory: string): InjectedSite {
  const faults = new NodeFaults(directory);
  const destroy = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', destroy);
  return {
    ...LOOPBACK,
    name: 'injected',
    faults,
    environmentOf: (id) => faults.environmentOf(id),
    destroy,
  };
}

function makeNetwork(servers: number): NetworkSite | Missing {
  const missing = whyNoNetworks();
  if (missing !== undefined) return { missing };
  const network = Network.create(servers);
  return {
    name: 'network',
    network,
    addressOf: (id) => network.addressOf(id),
    commandOn: (id, command) => network.commandOn(id, command),
    environmentOf: () => ({}),
    destroy: () => network.destroy(),
  };
}
