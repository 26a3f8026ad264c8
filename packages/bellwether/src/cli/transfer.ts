import { CHANGE_HEADER } from '../admin/control.ts';
import { nameOf, type Server } from './ask-word.ts';
import { UserError } from './user-error.ts';

export interface TransferOptions {
  /** Admin servers. */
  readonly admin: readonly Server[];
  /** Id of the node that is to lead. */
  readonly to: number | undefined;
  /** Below which the admin servers have their commands. */
  readonly path: string;
  /** Milliseconds. */
  readonly timeout: number;
}

interface Answer {
  readonly error: string | null;
  /** 0 while none is known. */
  readonly leader?: number;
}

/**
 * Asks one admin server after the other until the leader's is found.
 *
 * @returns 0 once another node leads
 * @throws UserError that says why it was not done
 */
export async function transfer(options: TransferOptions): Promise<number> {
  const reasons: string[] = [];
  for (const server of options.admin) {
    const { error, leader } = await askToHandOver(server, options);
    if (error === null) {
      process.stdout.write(`node ${leader} leads\n`);
      return 0;
    }
    const hint = error === 'not leading' ? `: ${leaderText(leader)}` : '';
    reasons.push(`${nameOf(server)}: ${error}${hint}`);
    if (error !== 'not leading') break;
  }
  throw new UserError(reasons.join('\n'));
}

async function askToHandOver(server: Server, options: TransferOptions): Promise<Answer> {
  const query = options.to === undefined ? '' : `?to=${options.to}`;
  const url = `http://${nameOf(server)}${options.path}/transfer${query}`;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { [CHANGE_HEADER]: 'yes' },
      signal: AbortSignal.timeout(options.timeout),
    });
    const text = await response.text();
    if (!text.startsWith('{')) return { error: 'is no admin server of Bellwether' };
    return JSON.parse(text) as Answer;
  } catch (error) {
    const { cause, message } = error as Error;
    return { error: cause instanceof Error ? cause.message : message };
  }
}

function leaderText(leader: number | undefined): string {
  if (leader === undefined || leader === 0) return 'no leader is known';
  return `node ${leader} leads; name its admin server too`;
}
