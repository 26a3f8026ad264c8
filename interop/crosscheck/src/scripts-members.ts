import { ask, type Script } from './script.ts';
import type { ReconfigStep, Request } from './steps.ts';
import { SUPER_USER } from './users.ts';

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

/** Members that join and leave. */
export const MEMBER_SCRIPTS: readonly Script[] = [
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
];
