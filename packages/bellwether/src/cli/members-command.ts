import type { Command } from 'commander';
import {
  memberIdArgument,
  peerAddressArgument,
  serversArgument,
  timeoutArgument,
} from './arguments.ts';
import {
  addMember,
  type AddOptions,
  listMembers,
  type ListOptions,
  type MembersOptions,
  removeMembers,
} from './members.ts';

const MEMBERS_HELP = `
Without a command, the members are listed. docs/membership.md explains how nodes join and leave.
`;

const ADD_HELP = `
Start the node with "join: true" in its configuration, before or after this. A voter learns first, and
votes by itself once it has kept up for two seconds. For a member that is there already, this changes
its address or its role.
`;

/** bellwether members: list, add, remove. */
export function addMembers(program: Command, onExitCode: (code: number) => void): void {
  const members = program
    .command('members')
    .description('list the members of a cluster, add one, remove one, while it runs')
    .addHelpText('after', MEMBERS_HELP);
  withServers(members.command('list', { isDefault: true }))
    .description('who they are, and how many may be lost')
    .option('--json', 'for programs', false)
    .action(async (options: ListOptions) => onExitCode(await listMembers(options)));
  withServers(members.command('add'))
    .description('make a node a member, or change one')
    .argument('<id>', 'its nodeId', memberIdArgument)
    .argument('<host:port>', 'where its peers reach it', peerAddressArgument)
    .requiredOption('--client <[address:]port>', 'where clients reach it')
    .option('--learner', 'it receives everything and never votes', false)
    .option('--replace <id>', 'who leaves for it, once it can vote', memberIdArgument)
    .option('--auth <user:password>', 'who you are (digest); a super user, as a rule')
    .addHelpText('after', ADD_HELP)
    .action(async (id: number, address: string, options: AddOptions) =>
      onExitCode(await addMember(id, address, options)),
    );
  withServers(members.command('remove'))
    .description('take nodes out of the cluster, running or not')
    .argument('<id...>', 'their nodeIds', memberIdsArgument)
    .option('--auth <user:password>', 'who you are (digest); a super user, as a rule')
    .action(async (ids: readonly number[], options: MembersOptions) =>
      onExitCode(await removeMembers(ids, options)),
    );
}

function withServers(command: Command): Command {
  return command
    .option('--server <host:port,...>', 'whom to ask', serversArgument, [
      { host: '127.0.0.1', port: 2181 },
    ])
    .option('--timeout <ms>', 'how long to wait for an answer', timeoutArgument, 10_000);
}

function memberIdsArgument(text: string, before: readonly number[] | undefined): readonly number[] {
  return [...(before ?? []), memberIdArgument(text)];
}
