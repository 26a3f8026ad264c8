import { errorCodeName } from '@bellwether/protocol';
import { replyOf, type Exchange } from './checked-session.ts';
import { describeEvent } from './compare.ts';
import type { Divergence } from './divergence.ts';
import { SHOWN_CHARACTERS_MAX, SHOWN_MISMATCHES_MAX } from './limits.ts';
import type { Outcome } from './side.ts';
import type { Step } from './steps.ts';

/** What was answered differently, and what the session did before. */
export function describeDivergence(divergence: Divergence): string {
  const lines = [`DIFFERENT ANSWERS in session ${divergence.session}: ${divergence.message}`];
  const shown = divergence.mismatches.slice(0, SHOWN_MISMATCHES_MAX);
  for (const { name, bellwether, zookeeper } of shown) {
    lines.push(`  ${name}`);
    lines.push(`    Bellwether  ${shorten(bellwether)}`);
    lines.push(`    ZooKeeper   ${shorten(zookeeper)}`);
  }
  const hidden = divergence.mismatches.length - shown.length;
  if (hidden > 0) lines.push(`  and ${hidden} more`);
  lines.push('what the session did last (the answers of both where they are not the same):');
  return [...lines, ...divergence.history.map(describeEntry)].join('\n');
}

/** One line for each step. */
export function describeSteps(steps: readonly Step[]): string {
  return steps.map((step) => `  ${shorten(JSON.stringify(step), 4)}`).join('\n');
}

function describeEntry(entry: Exchange | string): string {
  if (typeof entry === 'string') return `  ${entry}`;
  const { request, bellwether, zookeeper } = entry;
  const ours = describeOutcome(bellwether, entry);
  const theirs = describeOutcome(zookeeper, entry);
  const answers = ours === theirs ? [ours] : [`Bellwether  ${ours}`, `ZooKeeper   ${theirs}`];
  const lines = [shorten(JSON.stringify(request), 4), ...answers.map((answer) => `    ${answer}`)];
  return lines.map((line) => `  ${line}`).join('\n');
}

function describeOutcome(outcome: Outcome, { request }: Exchange): string {
  const events = outcome.events.map((event) => `event ${describeEvent(event)}; `).join('');
  const reply = replyOf(outcome, request);
  if (reply === undefined) return `${events}${outcome.kind}`;
  const fields = reply.fields.map(({ name, value }) => `${name}=${value}`).join(' ');
  const header = `xid ${reply.xid} zxid ${reply.zxid} ${errorCodeName(reply.error)}`;
  return shorten(`${events}${header} ${fields}`.trimEnd(), 4);
}

function shorten(text: string, times = 1): string {
  const max = SHOWN_CHARACTERS_MAX * times;
  return text.length <= max ? text : `${text.slice(0, max)}... (${text.length} characters)`;
}
