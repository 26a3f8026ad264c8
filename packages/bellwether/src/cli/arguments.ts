import { InvalidArgumentError } from 'commander';
import { NODE_ID_MAX } from '../config/settings-schema.ts';
import type { Server } from './ask-word.ts';

/** @throws InvalidArgumentError unless it is a whole number from `min` to `max` */
export function wholeArgument(text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
}

export function portArgument(text: string): number {
  return wholeArgument(text, 1, 65_535);
}

/** host:port, with commas between several; an IPv6 address stands in brackets. */
export function serversArgument(text: string): readonly Server[] {
  return text.split(',').map((server) => {
    const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(server.trim());
    const host = match?.[1] ?? match?.[2];
    if (host === undefined) {
      throw new InvalidArgumentError('Write host:port, with commas between several.');
    }
    return { host, port: portArgument(match?.[3] ?? '') };
  });
}

export function timeoutArgument(text: string): number {
  return wholeArgument(text, 1, 3_600_000);
}

export function memberIdArgument(text: string): number {
  return wholeArgument(text, 1, NODE_ID_MAX);
}

/** host:port of one node, as it was written. */
export function peerAddressArgument(text: string): string {
  const servers = serversArgument(text);
  if (servers.length === 1) return text;
  throw new InvalidArgumentError('Write the host:port of one node.');
}
