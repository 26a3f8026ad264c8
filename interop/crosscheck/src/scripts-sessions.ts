import { CreateMode } from '@bellwether/protocol';
import { ask, create, type Script } from './script.ts';
import { newSession, ownSession, type Step } from './steps.ts';

/** Sessions that begin, end, and go elsewhere. */
export const SESSION_SCRIPTS: readonly Script[] = [
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
    name: 'a session that has gone elsewhere writes nothing through the connection that it had',
    steps: [
      ask(0, create('/w')),
      ask(0, create('/w/e', CreateMode.ephemeral)),
      ...[1, 2, 0].flatMap((server): Step[] => [
        {
          session: 0,
          kind: 'move',
          server,
          request: { op: 'setData', path: '/w', data: 'late', version: -1 },
        },
        ask(0, { op: 'setData', path: '/w', data: `${server}`, version: -1 }),
      ]),
      ask(1, { op: 'getData', path: '/w', watch: false }),
      ask(1, { op: 'exists', path: '/w/e', watch: false }),
    ],
  },
  {
    name: 'connect requests that are cut off, or end with a password that is none',
    steps: [
      ask(0, create('/q')),
      ...[1, 2, 15, 16, 17, 20, 28, 32, 40].map((cutBytes): Step => ({
        session: 0,
        kind: 'connect',
        server: 0,
        greeting: { ...ownSession(40_000), cutBytes },
      })),
      ...(['shortPassword', 'noPassword', 'wrongPassword', 'unknownSession'] as const).map(
        (credentials, n): Step => ({
          session: n,
          kind: 'connect',
          server: 0,
          greeting: { ...ownSession(40_000), credentials },
        }),
      ),
      ask(0, { op: 'exists', path: '/q', watch: false }),
    ],
  },
];
