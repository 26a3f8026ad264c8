import type { Command } from './cache.ts';
import type { Definition } from './commands.ts';
import { OK, RespError } from './resp.ts';
import { integer, propose, read, text, upper, valueOf } from './surroundings.ts';

const SECOND_MS = 1_000;
const ANY = Infinity;

/** `SET key value [EX s | PX ms] [NX | XX]` */
function setOf(args: readonly Buffer[]): Command {
  const [key, value, ...options] = args;
  const command: { ttlMs?: number; only?: 'new' | 'old' } = {};
  for (let i = 0; i < options.length; i++) {
    const option = upper(options[i]);
    if (option === 'NX' || option === 'XX') command.only = option === 'NX' ? 'new' : 'old';
    else if (option === 'EX' || option === 'PX') {
      i += 1;
      command.ttlMs = integer(options[i]) * (option === 'EX' ? SECOND_MS : 1);
    } else throw new RespError('ERR syntax error');
  }
  if (command.ttlMs !== undefined && command.ttlMs <= 0) {
    throw new RespError("ERR invalid expire time in 'set' command");
  }
  return { kind: 'set', key: text(key), value: text(value), ...command };
}

const adding = (sign: 1 | -1): Definition => ({
  takes: [1, 2],
  run: ([key, amount], around) => {
    const by = amount === undefined ? 1 : integer(amount);
    return propose(around, { kind: 'add', key: text(key), amount: sign * by });
  },
});

const expiring = (unitMs: number): Definition => ({
  takes: [2, 2],
  run: ([key, ttl], around) =>
    propose(around, { kind: 'expire', key: text(key), ttlMs: integer(ttl) * unitMs }),
});

const timeLeft = (unitMs: number): Definition => ({
  takes: [1, 1],
  run: async (keys, around) => {
    const [entry] = await read(around, keys);
    if (entry === undefined) return -2;
    if (entry.expiresMs === null) return -1;
    return Math.ceil((entry.expiresMs - Date.now()) / unitMs);
  },
});

/** Those that look at keys. */
export const READ_COMMANDS: Readonly<Record<string, Definition>> = {
  GET: { takes: [1, 1], run: async (keys, around) => valueOf((await read(around, keys))[0]) },
  MGET: { takes: [1, ANY], run: async (keys, around) => (await read(around, keys)).map(valueOf) },
  STRLEN: {
    takes: [1, 1],
    run: async (keys, around) => (await read(around, keys))[0]?.value.length ?? 0,
  },
  EXISTS: {
    takes: [1, ANY],
    run: async (keys, around) =>
      (await read(around, keys)).filter((entry) => entry !== undefined).length,
  },
  TTL: timeLeft(SECOND_MS),
  PTTL: timeLeft(1),
  DBSIZE: { takes: [0, 0], run: async (_args, around) => (await read(around)).length },
};

/** Those that change them. */
export const WRITE_COMMANDS: Readonly<Record<string, Definition>> = {
  SET: {
    takes: [2, 6],
    run: async (args, around) => ((await propose(around, setOf(args))) === 1 ? OK : null),
  },
  SETEX: {
    takes: [3, 3],
    run: async ([key, ttl, value], around) => {
      const ttlMs = integer(ttl) * SECOND_MS;
      await propose(around, { kind: 'set', key: text(key), value: text(value), ttlMs });
      return OK;
    },
  },
  DEL: {
    takes: [1, ANY],
    run: (keys, around) => propose(around, { kind: 'delete', keys: keys.map(text) }),
  },
  INCR: adding(1),
  INCRBY: adding(1),
  DECR: adding(-1),
  DECRBY: adding(-1),
  EXPIRE: expiring(SECOND_MS),
  PEXPIRE: expiring(1),
  PERSIST: {
    takes: [1, 1],
    run: ([key], around) => propose(around, { kind: 'expire', key: text(key), ttlMs: null }),
  },
  FLUSHALL: {
    takes: [0, 1],
    run: async (_args, around) => {
      await propose(around, { kind: 'flush' });
      return OK;
    },
  },
};
