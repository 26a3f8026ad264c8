import { Client, isClientError, type ReconfigChange } from '@bellwether/client';
import { readZooServer, type ZooServer } from '../config/zoo-server-line.ts';
import { textTable } from '../dev/table.ts';
import { askWord, nameOf, type Server } from './ask-word.ts';
import { UserError } from './user-error.ts';

export interface MembersOptions {
  readonly server: readonly Server[];
  /** Milliseconds. */
  readonly timeout: number;
  /** `user:password`. */
  readonly auth?: string;
}

export interface ListOptions extends MembersOptions {
  readonly json: boolean;
}

export interface AddOptions extends MembersOptions {
  readonly client: string;
  readonly learner: boolean;
  readonly replace?: number;
}

/** A line of /zookeeper/config. */
interface Listed extends ZooServer {
  readonly id: number;
}

interface Listing {
  readonly version: string;
  readonly members: readonly Listed[];
}

/** @returns 1 when so many voters don't answer that nothing can be decided */
export async function listMembers(options: ListOptions): Promise<number> {
  const listing = await withClient(options, async (client) => listingIn(await client.getConfig()));
  const { members, version } = listing;
  const answers = await Promise.all(members.map((member) => stateOf(member, options.timeout)));
  const rows = members.map((member, at) => ({ ...member, state: answers[at] ?? 'not known' }));
  const voters = rows.filter(({ kind }) => kind === 'voter');
  // One whose port for clients nobody has told may be well.
  const alive = voters.filter(({ state }) => state !== 'no answer').length;
  const tolerance = alive - (Math.floor(voters.length / 2) + 1);
  if (options.json) {
    const report = { version, members: rows, tolerance };
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    const lines = textTable([
      ['node', 'address', 'clients', 'role', 'state'],
      ...rows.map(cellsOf),
    ]);
    const outlook = tolerance < 0 ? 'they can decide nothing' : `${tolerance} more may be lost`;
    const summary = `version ${version}; of ${voters.length} voters ${alive} are there: ${outlook}`;
    process.stdout.write(`${[...lines, summary].join('\n')}\n`);
  }
  return tolerance < 0 ? 1 : 0;
}

/** @throws UserError when the cluster refuses, with what to do about it */
export function addMember(id: number, address: string, options: AddOptions): Promise<number> {
  const port = address.slice(address.lastIndexOf(':') + 1);
  const role = options.learner ? 'observer' : 'participant';
  const joining = `server.${id}=${address}:${port}:${role};${options.client}`;
  const line = readZooServer(joining.slice(joining.indexOf('=') + 1));
  if ('mistake' in line) throw new UserError(line.mistake, 2);
  const leaving = options.replace === undefined ? {} : { leaving: String(options.replace) };
  const then = options.learner ? 'learns' : 'votes once it has kept up for two seconds';
  return change({ joining, ...leaving }, options, `node ${id} is a member: it ${then}`);
}

/** @throws UserError when the cluster refuses, with what to do about it */
export function removeMembers(ids: readonly number[], options: MembersOptions): Promise<number> {
  const leaving = ids.join(',');
  return change({ leaving }, options, `not a member any more: ${leaving}; stop what still runs`);
}

async function change(
  reconfig: ReconfigChange,
  options: MembersOptions,
  success: string,
): Promise<number> {
  const { version, members } = await withClient(options, async (client) =>
    listingIn(await client.reconfig(reconfig)),
  );
  const ids = members.map(({ id }) => id).join(', ');
  process.stdout.write(`${success}\nmembers as of version ${version}: ${ids}\n`);
  return 0;
}

async function withClient<T>(
  options: MembersOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { auth, server, timeout } = options;
  const credentials = auth === undefined ? [] : [{ scheme: 'digest', auth }];
  const client = new Client(server.map(nameOf).join(','), {
    requestTimeoutMs: timeout,
    auth: credentials,
  });
  try {
    return await work(client);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(`${error.message}${adviceOn(error)}`);
  } finally {
    await client.close();
  }
}

function adviceOn(error: Error): string {
  if (isClientError(error, 'noAuth')) {
    return ': say who you are with --auth user:password (the super user of digest.superUser)';
  }
  if (isClientError(error, 'reconfigDisabled')) {
    return ': allow it with "client: { reconfig: true }" (zoo.cfg: reconfigEnabled=true)';
  }
  if (isClientError(error, 'newConfigNoQuorum')) {
    return ': of those who would vote then, no majority is alive';
  }
  if (isClientError(error, 'unimplemented')) return ': this server has no port for peers';
  return '';
}

/** @throws UserError when the text is no configuration */
function listingIn({ data }: { readonly data: Uint8Array | null }): Listing {
  const lines = Buffer.from(data ?? [])
    .toString()
    .split('\n');
  const version = lines.find((line) => line.startsWith('version='))?.slice('version='.length);
  const members = lines.flatMap((line) => {
    const match = /^server\.(\d+)=(.*)$/.exec(line);
    const server = readZooServer(match?.[2] ?? '');
    return match === null || 'mistake' in server ? [] : [{ id: Number(match[1]), ...server }];
  });
  if (version !== undefined && members.length > 0) return { version, members };
  throw new UserError('this server is on its own: it has no members to show');
}

type State = 'serving' | 'no answer' | 'not known';

async function stateOf(member: Listed, timeoutMs: number): Promise<State> {
  const { clientPort } = member;
  if (clientPort === undefined) return 'not known';
  try {
    const answer = await askWord({ host: clientHost(member), port: clientPort }, 'srvr', timeoutMs);
    return answer === '' || /not currently serving/.test(answer) ? 'no answer' : 'serving';
  } catch {
    return 'no answer';
  }
}

/** Where it listens on every address, its peers' is one of them. */
function clientHost({ host, clientAddress }: Listed): string {
  const isAny = clientAddress === undefined || /^(0\.0\.0\.0|::)$/.test(clientAddress);
  return isAny ? host : clientAddress;
}

function cellsOf(member: Listed & { readonly state: State }): readonly string[] {
  const { id, host, port, kind, clientPort, state } = member;
  const clients = clientPort === undefined ? '-' : `${clientHost(member)}:${clientPort}`;
  return [String(id), `${host}:${port}`, clients, kind, state];
}
