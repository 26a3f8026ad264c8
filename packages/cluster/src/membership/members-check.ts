import { MEMBERS_MAX, NODE_ID_MAX } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';
import type { Member } from './members.ts';

const PORT_MAX = 65_535;

/** What is wrong with a list of members, a sentence each; empty: nothing. */
export function mistakesIn(members: readonly Member[]): string[] {
  const mistakes = members.flatMap(mistakesInOne);
  const ids = members.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) mistakes.push(`node ${twice} occurs twice`);
  if (members.length > MEMBERS_MAX) mistakes.push(`more than ${MEMBERS_MAX} members`);
  const voters = members.filter(({ role }) => role === 'voter');
  if (voters.length === 0) mistakes.push('nobody votes');
  else if (voters.every(({ priority }) => priority === 0)) {
    mistakes.push('nobody may lead: the priority of every voter is 0');
  }
  return [...mistakes, ...sharedAddresses(members)];
}

function mistakesInOne({ id, host, port, priority, note }: Member): string[] {
  const mistakes: string[] = [];
  const isId = Number.isSafeInteger(id) && id >= 1 && id <= NODE_ID_MAX;
  if (!isId) mistakes.push(`id ${id} is not a whole number from 1 to ${NODE_ID_MAX}`);
  if (host === '' || host.length > LIMITS.hostCharactersMax) {
    mistakes.push(`the host of node ${id} is empty or too long`);
  }
  if (!Number.isSafeInteger(port) || port < 0 || port > PORT_MAX) {
    mistakes.push(`port ${port} of node ${id} is not from 0 to ${PORT_MAX}`);
  }
  if (!Number.isSafeInteger(priority) || priority < 0) {
    mistakes.push(`priority ${priority} of node ${id} is not a whole number from 0`);
  }
  if (note.length > LIMITS.memberNoteCharactersMax) {
    mistakes.push(`the note of node ${id} is longer than ${LIMITS.memberNoteCharactersMax}`);
  }
  return mistakes;
}

/** Two nodes can't listen in one place. A port of 0 is that of a node that has no peers. */
function sharedAddresses(members: readonly Member[]): string[] {
  const taken = new Map<string, number>();
  return members.flatMap(({ id, host, port }) => {
    const address = `${host}:${port}`;
    const other = taken.get(address);
    taken.set(address, id);
    if (port === 0) return members.length > 1 ? [`node ${id} has no port for its peers`] : [];
    return other === undefined ? [] : [`nodes ${other} and ${id} have the same address ${address}`];
  });
}
