import { CreateMode, OPEN_ACL, OpCode } from '@bellwether/protocol';
import { CLEANER_ACL } from './cleaning.ts';
import { newSession, ownSession, type ReconfigStep, type Request, type Step } from './steps.ts';
import { SUPER_USER } from './vocabulary.ts';

/** A round that is written by hand, for what chance would not come to. */
export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
  /** ensemble: what a server on its own refuses. */
  readonly needs?: 'ensemble';
}

function ask(session: number, request: Request): Step {
  return { session, kind: 'request', request };
}

function create(path: string, flags: number = CreateMode.persistent): Request {
  return { op: 'create', path, data: 'x', acls: OPEN_ACL, flags };
}

const ZERO = '00000000';
const OBSERVER = 'server.100=127.0.0.1:1:2:observer;127.0.0.1:3';

function reconfig(wish: Partial<ReconfigStep>): Request {
  return { op: 'reconfig', joining: null, leaving: null, members: null, version: -1, ...wish };
}

/** Wrong in one way each. */
const WRONG_RECONFIGS: readonly Request[] = [
  reconfig({ joining: 'some thing' }),
  reconfig({ joining: 'server.100' }),
  reconfig({ joining: 'server.100=' }),
  reconfig({ joining: 'server.100=127.0.0.1' }),
  reconfig({ joining: 'server.100=127.0.0.1:1:2' }),
  reconfig({ joining: 'server.100=127.0.0.1:1:2:observer' }),
  reconfig({ joining: 'server.100=127.0.0.1:1:2:spectator;3' }),
  reconfig({ joining: 'server.100=127.0.0.1:1:x:observer;3' }),
  reconfig({ joining: 'server.100=127.0.0.1:1:2:observer;x' }),
  reconfig({ joining: 'server.x=127.0.0.1:1:2:observer;3' }),
  reconfig({ joining: `${OBSERVER}=1` }),
  reconfig({ leaving: 'x' }),
  reconfig({ leaving: '1,2,3' }),
  reconfig({ members: '' }),
  reconfig({ members: OBSERVER }),
  reconfig({ members: 'some thing' }),
  reconfig({ members: 'server.1=127.0.0.1' }),
  reconfig({ joining: OBSERVER, version: 0x7777_7777 }),
  reconfig({ joining: OBSERVER, version: -2 }),
];
const getConfig: Request = { op: 'getData', path: '/zookeeper/config', watch: true };

export const SCRIPTS: readonly Script[] = [
  {
    name: 'a session that expires takes its ephemerals with it, and its watchers hear of it',
    steps: [
      { session: 0, kind: 'connect', server: 0, greeting: newSession(1_500) },
      ask(0, create('/gone', CreateMode.ephemeral)),
      ask(1, { op: 'exists', path: '/gone', watch: true }),
      ask(1, { op: 'getChildren', path: '/', watch: true }),
      { session: 0, kind: 'drop' },
      { session: 0, kind: 'untilGone', path: '/gone' },
      ask(1, { op: 'exists', path: '/gone', watch: false }),
      { session: 0, kind: 'connect', server: 0, greeting: ownSession(1_500) },
      ask(0, { op: 'exists', path: '/gone', watch: false }),
    ],
  },
  {
    name: 'timeouts are held within their bounds',
    steps: [-1, 0, 1, 999, 1_000, 1_001, 2 ** 31 - 1].flatMap((timeoutMs): Step[] => [
      { session: 0, kind: 'connect', server: 0, greeting: newSession(timeoutMs) },
      ask(0, { op: 'closeSession' }),
    ]),
  },
  {
    name: 'a check outside of a multi',
    steps: [ask(0, { op: 'check', path: '/', version: -1 }), ask(0, { op: 'sync', path: '/' })],
  },
  {
    name: 'an ACL for those who have proved who they are by SASL',
    steps: [
      // Not below the root, whose count of children outlives the round.
      ask(0, create('/s')),
      ask(0, {
        op: 'create',
        path: '/s/sasl',
        data: '',
        acls: [{ perms: 31, scheme: 'sasl', id: 'ann' }, CLEANER_ACL],
        flags: 0,
      }),
    ],
  },
  {
    name: 'the op code of the transaction that creates sessions, sent as a request',
    steps: [ask(0, { op: 'other', opCode: OpCode.createSession, hex: '00009c40' })],
  },
  {
    name: 'vectors that are null, or of a negative length',
    steps: [
      // setWatches from zxid 0 on, with lists of these lengths; -1 is null.
      ...['fffffffe', 'ffffffff', '80000000'].map((length) =>
        ask(0, {
          op: 'other',
          opCode: OpCode.setWatches,
          hex: `${ZERO}${ZERO}${ZERO}${length}${ZERO}`,
        }),
      ),
      // create of /v without data, with -2 ACLs.
      ask(0, { op: 'other', opCode: OpCode.create, hex: `000000022f76fffffffffffffffe${ZERO}` }),
      ask(0, { op: 'exists', path: '/v', watch: false }),
    ],
  },
  {
    name: 'who the members are is changed by the super user alone, and seen by all',
    needs: 'ensemble',
    steps: [
      ask(1, getConfig),
      ...WRONG_RECONFIGS.map((request) => ask(0, request)),
      ask(0, reconfig({ joining: OBSERVER })),
      ask(0, reconfig({ leaving: '77' })),
      ask(0, reconfig({})),
      ask(0, { op: 'auth', scheme: 'digest', auth: SUPER_USER }),
      ...WRONG_RECONFIGS.map((request) => ask(0, request)),
      ask(1, getConfig),
      ask(0, reconfig({ joining: OBSERVER })),
      ask(1, getConfig),
      ask(0, reconfig({ leaving: '100' })),
      ask(1, getConfig),
      ask(0, { op: 'getACL', path: '/zookeeper/config' }),
      ask(0, { op: 'setData', path: '/zookeeper/config', data: 'x', version: -1 }),
      ask(0, { op: 'delete', path: '/zookeeper/config', version: -1 }),
    ],
  },
  {
    name: 'nothing of a multi remains when one of its parts fails',
    steps: [
      ask(0, create('/m')),
      ask(1, { op: 'getChildren', path: '/m', watch: true }),
      ask(1, { op: 'getData', path: '/m', watch: true }),
      ask(0, {
        op: 'multi',
        parts: [
          { op: 'setData', path: '/m', data: 'changed', version: 0 },
          { op: 'create2', path: '/m/a', data: null, acls: OPEN_ACL, flags: 0 },
          { op: 'check', path: '/m', version: 7 },
          { op: 'delete', path: '/m/a', version: -1 },
        ],
      }),
      ask(1, { op: 'getData', path: '/m', watch: false }),
      ask(0, {
        op: 'multi',
        parts: [
          { op: 'create2', path: '/m/a', data: null, acls: OPEN_ACL, flags: 0 },
          { op: 'setData', path: '/m/a', data: 'changed', version: 0 },
          { op: 'check', path: '/m/a', version: 1 },
          { op: 'delete', path: '/m/a', version: 1 },
          { op: 'create', path: '/m/a', data: '', acls: OPEN_ACL, flags: 2 },
        ],
      }),
      ask(0, { op: 'multi', parts: [] }),
      ask(1, { op: 'getChildren2', path: '/m', watch: false }),
    ],
  },
];
