import type { Definition } from './commands.ts';
import { OK, RespError, Simple, type Reply } from './resp.ts';
import { addressOf, upper, type Surroundings } from './surroundings.ts';

const ANY = Infinity;

/** What a client asks a sentinel: who leads, and who else could be asked. */
function sentinel([what, name]: readonly Buffer[], around: Surroundings): Reply {
  const { id, leadership, members } = around.cluster;
  const { leaderId } = leadership;
  switch (upper(what)) {
    case 'GET-MASTER-ADDR-BY-NAME':
      return leaderId === 0 ? null : addressOf(around, leaderId);
    case 'SENTINELS':
      return (members?.members ?? [])
        .filter((member) => member.id !== id)
        .map((member) => {
          const [host, port] = addressOf(around, member.id);
          return ['name', `node ${member.id}`, 'ip', host, 'port', port];
        });
    case 'REPLICAS':
    case 'SLAVES':
      return [];
    default:
      return new RespError(`ERR unknown subcommand of SENTINEL for '${String(name)}'`);
  }
}

/** Every node takes writes; clients that look for a master are content with any. */
function role({ cluster }: Surroundings): Reply {
  return ['master', cluster.appliedIndex, []];
}

function info({ cluster }: Surroundings): string {
  const { id, leadership, appliedIndex } = cluster;
  return [
    '# Server',
    'redis_version:7.0.0',
    '# Replication',
    'role:master',
    `bellwether_node:${id}`,
    `bellwether_leader:${leadership.leaderId}`,
    `bellwether_applied_index:${appliedIndex}`,
    '',
  ].join('\r\n');
}

const always =
  (reply: Reply): Definition['run'] =>
  () =>
    reply;

/** Those that clients send on their own account. */
export const SERVER_COMMANDS: Readonly<Record<string, Definition>> = {
  PING: { takes: [0, 1], run: ([word]) => word ?? new Simple('PONG') },
  ECHO: { takes: [1, 1], run: ([word]) => word ?? null },
  SELECT: {
    takes: [1, 1],
    run: ([index]) => (upper(index) === '0' ? OK : new RespError('ERR DB index is out of range')),
  },
  COMMAND: { takes: [0, ANY], run: always([]) },
  CLIENT: { takes: [1, ANY], run: always(OK) },
  INFO: { takes: [0, ANY], run: (_args, around) => info(around) },
  ROLE: { takes: [0, 0], run: (_args, around) => role(around) },
  SENTINEL: { takes: [1, 2], run: sentinel },
  QUIT: { takes: [0, 0], run: always(OK) },
};
