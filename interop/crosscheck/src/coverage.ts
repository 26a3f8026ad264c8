import { errorCodeName } from '@bellwether/protocol';
import { replyOf, type Exchange } from './checked-session.ts';
import { opOf } from './op-of.ts';

/** How often each operation was answered in each way, by both systems alike: what a run has seen. */
export class Coverage {
  readonly #counts = new Map<string, Map<string, number>>();

  add({ request, bellwether }: Exchange): void {
    const reply = replyOf(bellwether, request);
    const answer = reply === undefined ? bellwether.kind : errorCodeName(reply.error);
    const op = opOf(request) ?? 'connect';
    this.addTo(op, answer);
    if (bellwether.events.length > 0) this.addTo('events', 'seen', bellwether.events.length);
    for (const { name, value } of reply?.fields ?? []) {
      const isCode = name.endsWith('.code') && op.startsWith('multi');
      if (isCode) this.addTo(`part of ${op}`, errorCodeName(Number(value)));
    }
  }

  addTo(what: string, answer: string, count = 1): void {
    const answers = this.#counts.get(what) ?? new Map<string, number>();
    this.#counts.set(what, answers);
    answers.set(answer, (answers.get(answer) ?? 0) + count);
  }

  /** One line for each operation, the answers that came most often first. */
  lines(): readonly string[] {
    const all = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return all.map(([what, answers]) => {
      const sorted = [...answers].sort(([, a], [, b]) => b - a);
      return `  ${what}: ${sorted.map(([answer, count]) => `${answer} ${count}`).join(', ')}`;
    });
  }
}
