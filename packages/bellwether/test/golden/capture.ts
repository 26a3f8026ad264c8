/** Of one server: what it sent for one request. */
export interface Answer {
  /** Watch events that came since the reply before. */
  readonly events: readonly Buffer[];
  readonly reply: Buffer;
}

export const SERVERS = ['zookeeper', 'bellwether'] as const;
export type ServerName = (typeof SERVERS)[number];

/** One request of a client, and what both servers made of it; frames without their lengths. */
export interface Exchange {
  /** Its place among all that the client has sent. */
  readonly order: number;
  /** 1 for the client's first connection. */
  readonly connection: number;
  readonly operation: string;
  readonly request: Buffer;
  /** What the request says, as JSON. */
  readonly value: string;
  readonly answers: Readonly<Record<ServerName, Answer>>;
}

const WORDS_PER_LINE = 10;
const BYTES_PER_WORD = 4;

function hexLines(bytes: Buffer): string {
  const words = bytes.toString('hex').match(new RegExp(`.{1,${BYTES_PER_WORD * 2}}`, 'g')) ?? [];
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += WORDS_PER_LINE) {
    lines.push(`  ${words.slice(i, i + WORDS_PER_LINE).join(' ')}\n`);
  }
  return lines.join('');
}

/** The text of a file of captures; `explain` says what a reply says, for people. */
export function formatCaptures(
  title: string,
  exchanges: readonly Exchange[],
  explain: (exchange: Exchange, answer: Answer) => string,
): string {
  const parts = exchanges.map((exchange) => {
    const { order, connection, operation, request, value, answers } = exchange;
    const head = `exchange ${order} connection ${connection} ${operation}\n`;
    const answered = SERVERS.map((server) => {
      const { events, reply } = answers[server];
      const before = events.map((event) => `${server} event\n${hexLines(event)}`).join('');
      const text = `# ${explain(exchange, answers[server])}\n`;
      return `${before}${text}${server} reply\n${hexLines(reply)}`;
    });
    return `\n${head}value ${value}\nrequest\n${hexLines(request)}${answered.join('')}`;
  });
  return `# ${title}\n${parts.join('')}`;
}

interface Draft {
  order: number;
  connection: number;
  operation: string;
  value: string;
  frames: { readonly name: string; hex: string }[];
}

/** Reads what `formatCaptures` has written. */
export function parseCaptures(text: string): Exchange[] {
  const drafts: Draft[] = [];
  for (const line of text.split('\n')) {
    const draft = drafts.at(-1);
    const head = /^exchange (\d+) connection (\d+) (\w+)$/.exec(line);
    if (line === '' || line.startsWith('#')) continue;
    if (head !== null) {
      const [, order, connection, operation] = head as unknown as [string, string, string, string];
      drafts.push({
        order: Number(order),
        connection: Number(connection),
        operation,
        value: '',
        frames: [],
      });
    } else if (draft === undefined) throw new Error(`before the first exchange: ${line}`);
    else if (line.startsWith('value ')) draft.value = line.slice('value '.length);
    else if (line.startsWith('  ')) draft.frames.at(-1)!.hex += line.replaceAll(' ', '');
    else draft.frames.push({ name: line, hex: '' });
  }
  return drafts.map(exchangeOf);
}

function exchangeOf({ order, connection, operation, value, frames }: Draft): Exchange {
  const all = (name: string): Buffer[] =>
    frames.filter((frame) => frame.name === name).map(({ hex }) => Buffer.from(hex, 'hex'));
  const one = (name: string): Buffer => {
    const [found, ...more] = all(name);
    if (found === undefined || more.length > 0) throw new Error(`exchange ${order}: one ${name}`);
    return found;
  };
  const answer = (server: ServerName): Answer => ({
    events: all(`${server} event`),
    reply: one(`${server} reply`),
  });
  const answers = { zookeeper: answer('zookeeper'), bellwether: answer('bellwether') };
  return { order, connection, operation, request: one('request'), value, answers };
}
