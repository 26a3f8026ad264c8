/*
 * What operators may have a node do by HTTP, besides asking it. A change is asked for with POST and says
 * by a header of its own that it is meant: a page in somebody's browser can't send such a header to another
 * host without asking that host first, which nobody answers.
 */
import type { IncomingMessage } from 'node:http';
import type { NodeId } from '@bellwether/raft';
import type { AdminConfig } from '../node-config.ts';
import type { HandOver } from '../server/hand-over.ts';
import type { AdminAnswer } from './admin-commands.ts';

export const CHANGE_HEADER = 'x-bellwether-change';

/** What a node can be told to do. */
export interface NodeControl {
  /** Has `to`, or the best of the others, lead. */
  transfer(to: NodeId | undefined): Promise<HandOver>;
  /** NO_NODE while no leader is known. */
  readonly leaderId: NodeId;
}

const HTTP_STATUS: Readonly<Record<HandOver, number>> = {
  'handed over': 200,
  'not leading': 409,
  'nobody to lead': 409,
  'not a voter that keeps up': 409,
  'took too long': 504,
};

export const CHANGE_NAMES: readonly string[] = ['transfer'];

/** Why this request may not change anything; undefined when it may. */
export function refusalOf(request: IncomingMessage, config: AdminConfig): string | undefined {
  if (config.changes === 'nowhere') return 'changes by HTTP are switched off (admin.changes)';
  if (request.headers[CHANGE_HEADER] === undefined) return `the header ${CHANGE_HEADER} is missing`;
  if (config.changes === 'anywhere') return undefined;
  if (!isLoopback(request.socket.remoteAddress ?? '')) {
    return 'changes are taken from this machine only (admin.changes)';
  }
  // A name that somebody else points at this machine, from a page that somebody else made.
  if (!isLocalName(request.headers.host ?? '')) return 'use localhost or an address as the host';
  return undefined;
}

/** Hands over, and says what came of it. */
export async function runTransfer(
  control: NodeControl,
  query: URLSearchParams,
): Promise<AdminAnswer> {
  const text = query.get('to');
  const to = text === null ? undefined : Number(text);
  if (to !== undefined && !(Number.isSafeInteger(to) && to > 0)) {
    return answer(400, `to is "${text}": it must be the id of a node`, control);
  }
  const outcome = await control.transfer(to);
  return answer(HTTP_STATUS[outcome], outcome === 'handed over' ? null : outcome, control);
}

function answer(httpStatus: number, error: string | null, control: NodeControl): AdminAnswer {
  return { httpStatus, body: { command: 'transfer', error, leader: control.leaderId } };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function isLocalName(host: string): boolean {
  return /^(localhost|[\d.]+|\[[\da-f:.]+\])(:\d+)?$/i.test(host);
}
