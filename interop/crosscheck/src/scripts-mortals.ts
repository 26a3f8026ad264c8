import { CreateMode, OPEN_ACL } from '@bellwether/protocol';
import { ask, create, createContainer, type Script } from './script.ts';
import type { Request, Step } from './steps.ts';

/**
 * The state of `paths`, and of what is above them, when they have gone by themselves. Those whose time ends together
 * may go in one look of a server or in two.
 */
function whenGone(...paths: readonly string[]): readonly Step[] {
  return [
    ...paths.map((path): Step => ({ session: 0, kind: 'untilGone', path })),
    ...paths.map((path) => ask(1, { op: 'exists', path, watch: false })),
    ask(1, { op: 'getChildren2', path: '/m', watch: false }),
  ];
}

const TTL_MS = 1_500;

function createTtl(path: string, flags: number): Request {
  return { op: 'createTTL', path, data: 'x', acls: OPEN_ACL, flags, ttlMs: TTL_MS };
}

/** What goes by itself. */
export const MORTAL_SCRIPTS: readonly Script[] = [
  {
    name: 'a container goes after its last child, and its watchers hear of it',
    needs: 'mortals',
    steps: [
      ask(0, create('/m')),
      ask(0, createContainer('/m/c')),
      ask(0, createContainer('/m/unused')),
      ask(1, { op: 'getData', path: '/m/c', watch: true }),
      ask(1, { op: 'getChildren', path: '/m', watch: true }),
      ask(1, { op: 'getChildren', path: '/m/c', watch: true }),
      ask(2, { op: 'addWatch', path: '/m', mode: 1 }),
      ask(3, { op: 'addWatch', path: '/m/c', mode: 0 }),
      ask(0, create('/m/c/child', CreateMode.ephemeral)),
      ask(0, { op: 'closeSession' }),
      ...whenGone('/m/c'),
      ask(2, { op: 'getData', path: '/m/unused', watch: false }),
      ask(3, { op: 'exists', path: '/m', watch: false }),
    ],
  },
  {
    name: 'a container of a multi goes as well',
    needs: 'mortals',
    steps: [
      ask(0, create('/m')),
      ask(0, {
        op: 'multi',
        parts: [
          { op: 'create', path: '/m/c', data: '', acls: OPEN_ACL, flags: CreateMode.container },
          { op: 'create', path: '/m/c/child', data: '', acls: OPEN_ACL, flags: 0 },
          { op: 'delete', path: '/m/c/child', version: -1 },
        ],
      }),
      ...whenGone('/m/c'),
    ],
  },
  {
    name: 'a TTL node goes when its time is over, and not while it has children',
    needs: 'mortals',
    steps: [
      ask(0, create('/m')),
      ask(0, createTtl('/m/t', CreateMode.persistentWithTtl)),
      ask(0, createTtl('/m/s-', CreateMode.persistentSequentialWithTtl)),
      ask(0, createTtl('/m/parent', CreateMode.persistentWithTtl)),
      ask(0, create('/m/parent/child')),
      ask(1, { op: 'exists', path: '/m/t', watch: true }),
      ask(2, { op: 'addWatch', path: '/m', mode: 1 }),
      ...whenGone('/m/t', '/m/s-0000000001'),
      ask(1, { op: 'getData', path: '/m/parent', watch: true }),
      ask(0, { op: 'delete', path: '/m/parent/child', version: -1 }),
      ...whenGone('/m/parent'),
      ask(2, { op: 'exists', path: '/m', watch: false }),
    ],
  },
];
