import { READ_COMMANDS, WRITE_COMMANDS } from './key-commands.ts';
import { RespError, type Reply } from './resp.ts';
import { SERVER_COMMANDS } from './server-commands.ts';
import { text, upper, type Surroundings } from './surroundings.ts';

/** What a command takes and does. */
export interface Definition {
  /** Arguments, the least and the most. */
  readonly takes: readonly [number, number];
  readonly run: (args: readonly Buffer[], around: Surroundings) => Promise<Reply> | Reply;
}

const COMMANDS: Readonly<Record<string, Definition>> = {
  ...READ_COMMANDS,
  ...WRITE_COMMANDS,
  ...SERVER_COMMANDS,
};

/** Whether requests of the same kind may be executed together: a read sees the writes before it. */
export function kindOf([name]: readonly Buffer[]): 'read' | 'write' {
  return Object.hasOwn(WRITE_COMMANDS, upper(name)) ? 'write' : 'read';
}

/** Runs one request. Rejects with what the answer is to be an error for. */
export async function execute(request: readonly Buffer[], around: Surroundings): Promise<Reply> {
  const [name, ...args] = request;
  const word = upper(name);
  const definition = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (definition === undefined) return new RespError(`ERR unknown command '${text(name)}'`);
  const [least, most] = definition.takes;
  if (args.length < least || args.length > most) {
    return new RespError(`ERR wrong number of arguments for '${word.toLowerCase()}' command`);
  }
  return definition.run(args, around);
}
