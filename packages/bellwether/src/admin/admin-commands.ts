/* The commands of ZooKeeper 3.9's admin server, and how one is run. */
import type { Inspection } from '../server/inspection.ts';
import type { AdminCommand, JsonFields, RefusedCommand } from './command.ts';
import { ENSEMBLE_COMMANDS } from './ensemble-commands.ts';
import { NODE_COMMANDS } from './node-commands.ts';

const COMMANDS: readonly AdminCommand[] = [...NODE_COMMANDS, ...ENSEMBLE_COMMANDS];

const SNAPSHOTS = 'snapshots are taken by the node itself, and a new node gets one from its peers';
const REFUSED: readonly RefusedCommand[] = [
  { names: ['snapshot', 'snap'], why: SNAPSHOTS },
  { names: ['restore', 'rest'], why: SNAPSHOTS },
  { names: ['shed_connections', 'shed'], why: 'stop a node to have its clients go elsewhere' },
];

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

const byName = new Map<string, AdminCommand>(
  COMMANDS.flatMap((command) => command.names.map((name) => [name, command] as const)),
);
const refusedByName = new Map<string, RefusedCommand>(
  REFUSED.flatMap((command) => command.names.map((name) => [name, command] as const)),
);

/** Under which commands are listed. */
export const COMMAND_NAMES: readonly string[] = COMMANDS.map(({ names }) => names[0]).sort();

export interface AdminAnswer {
  readonly httpStatus: number;
  readonly body: JsonFields;
}

/** Runs a command by any of its names. Like ZooKeeper, answers 200 with an `error` when it can't. */
export function runAdminCommand(
  name: string,
  query: URLSearchParams,
  inspection: Inspection,
): AdminAnswer {
  const refused = refusedByName.get(name);
  if (refused !== undefined) return answer(501, refused.names[0], refused.why);
  const command = byName.get(name);
  if (command === undefined) return answer(200, name, `Unknown command: ${name}`);
  const isServing = command.when === 'always' || inspection.mode !== undefined;
  if (!isServing) return answer(200, name, NOT_SERVING);
  return answer(200, command.names[0], null, command.run(inspection, query));
}

function answer(
  httpStatus: number,
  command: string,
  error: string | null,
  fields: JsonFields = {},
): AdminAnswer {
  return { httpStatus, body: { command, error, ...fields } };
}
