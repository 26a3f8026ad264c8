import { askWord, nameOf, type Server } from './ask-word.ts';
import { UserError } from './user-error.ts';

export interface StatusOptions {
  readonly server: readonly Server[];
  /** A four-letter word. */
  readonly word: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** @returns 1 when any of the servers did not answer or does not serve */
export async function showStatus(options: StatusOptions): Promise<number> {
  if (!/^[a-z0-9]{4}$/.test(options.word)) {
    throw new UserError(`--word is "${options.word}": it must be a four-letter word like srvr`, 2);
  }
  const answers = await Promise.all(
    options.server.map((server) => answerOf(server, options.word, options.timeout)),
  );
  let exitCode = 0;
  for (const [position, answer] of answers.entries()) {
    const server = options.server[position];
    if (server && options.server.length > 1) process.stdout.write(`--- ${nameOf(server)}\n`);
    (answer.isServing ? process.stdout : process.stderr).write(`${answer.text.trimEnd()}\n`);
    if (!answer.isServing) exitCode = 1;
  }
  return exitCode;
}

interface Answer {
  readonly isServing: boolean;
  readonly text: string;
}

async function answerOf(server: Server, word: string, timeoutMs: number): Promise<Answer> {
  try {
    const text = await askWord(server, word, timeoutMs);
    if (text === '') return failure(server, 'closed the connection without an answer');
    if (/not in the whitelist/.test(text)) {
      return failure(server, `does not answer ${word}: allow it with fourLetterWords`);
    }
    return { isServing: !/not currently serving/.test(text), text };
  } catch (error) {
    return failure(server, error instanceof Error ? error.message : String(error));
  }
}

function failure(server: Server, reason: string): Answer {
  return { isServing: false, text: `bellwether: ${nameOf(server)}: ${reason}` };
}
