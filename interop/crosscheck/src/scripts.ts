import { OPEN_ACL, OpCode } from '@bellwether/protocol';
import { ask, create, type Script } from './script.ts';
import { MEMBER_SCRIPTS } from './scripts-members.ts';
import { MORTAL_SCRIPTS } from './scripts-mortals.ts';
import { SESSION_SCRIPTS } from './scripts-sessions.ts';
import { CLEANER_ACL } from './users.ts';

const ZERO = '00000000';

const REQUEST_SCRIPTS: readonly Script[] = [
  {
    name: 'a check outside of a multi',
    steps: [ask(0, { op: 'check', path: '/', version: -1 }), ask(0, { op: 'sync', path: '/' })],
  },
  {
    name: 'an ACL for those who have proved who they are by SASL',
    steps: [
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
    name: 'an ACL for an IPv6 address',
    steps: [
      ask(0, create('/s')),
      ask(0, {
        op: 'create',
        path: '/s/six',
        data: '',
        acls: [{ perms: 31, scheme: 'ip', id: '::1/64' }, CLEANER_ACL],
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
  {
    name: 'a proof that is no UTF-8',
    steps: [
      // auth of scheme digest: user, colon, ff e4.
      ask(0, {
        op: 'withXid',
        xid: -4,
        request: {
          op: 'other',
          opCode: OpCode.auth,
          hex: `${ZERO}00000006${Buffer.from('digest').toString('hex')}00000004753affe4`,
        },
      }),
      ask(0, create('/p')),
      ask(0, {
        op: 'setACL',
        path: '/p',
        acls: [{ perms: 31, scheme: 'auth', id: '' }, CLEANER_ACL],
        version: -1,
      }),
      ask(0, { op: 'getACL', path: '/p' }),
      ask(1, { op: 'getData', path: '/p', watch: false }),
    ],
  },
];

export const SCRIPTS: readonly Script[] = [
  ...SESSION_SCRIPTS,
  ...REQUEST_SCRIPTS,
  ...MEMBER_SCRIPTS,
  ...MORTAL_SCRIPTS,
];
