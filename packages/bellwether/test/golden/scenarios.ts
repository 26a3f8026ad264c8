/** Under which circumstances a client and a server talk that are recorded. */
export const SCENARIOS = ['operations', 'reconfig', 'sasl', 'read-only'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const CLIENTS = ['c', 'java', 'kazoo', 'node'] as const;
export type ClientName = (typeof CLIENTS)[number];

/** Programs of the clients that there are for a scenario. */
export const PROGRAMS: Readonly<Record<Scenario, readonly ClientName[]>> = {
  operations: CLIENTS,
  reconfig: ['c', 'java', 'kazoo'],
  sasl: ['java', 'kazoo'],
  'read-only': ['c', 'java', 'kazoo'],
};

/** What servers and clients know of each other in `reconfig` and `sasl`. */
export const SUPER_USER = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=';
export const SASL_USER = { name: 'ann', password: 'secret' } as const;

/** Where the captures of a client are. */
export function directoryOf(client: ClientName, scenario: Scenario): string {
  return scenario === 'operations' ? client : `${client}-${scenario}`;
}
