import { OpCode } from '@bellwether/protocol';
import { expect, it } from 'vitest';
import { client, tree, useTree, world } from './support/one-tree.ts';

useTree();

/** Two levels below: a hundred znodes with twenty children each. */
function grow(): void {
  tree.put('/tree');
  for (let branch = 0; branch < 100; branch++) {
    tree.put(`/tree/${branch}`);
    for (let leaf = 0; leaf < 20; leaf++) tree.put(`/tree/${branch}/${leaf}`);
  }
}

it('a tree is deleted with a bounded number of requests at once, however large it is', async () => {
  grow();
  let most = 0;
  tree.afterExecution = () => {
    most = Math.max(most, client.pendingRequests);
    return 'answer';
  };
  await client.deleteTree('/tree');
  expect(tree.has('/tree')).toBe(false);
  expect(most).toBeGreaterThan(100);
  expect(most).toBeLessThanOrEqual(500);
});

it('what somebody makes in a tree that is being deleted is deleted too', async () => {
  grow();
  let isDue = true;
  tree.afterExecution = ({ opCode }) => {
    if (opCode === OpCode.delete && isDue) {
      isDue = false;
      tree.put('/tree/0/late');
      // Gone before its turn: no mistake.
      tree.remove('/tree/99');
    }
    return 'answer';
  };
  const deleting = client.deleteTree('/tree');
  await world.advance(10);
  await deleting;
  expect(isDue).toBe(false);
  expect(tree.has('/tree')).toBe(false);
});
