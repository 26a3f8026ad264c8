import { ErrorCode, OpCode } from '@bellwether/protocol';
import { expect, it, vi } from 'vitest';
import { op, World } from './world.ts';

const FEW = vi.hoisted(() => 8);

vi.mock('../src/limits.ts', async (original) => ({
  ...(await original<object>()),
  ZNODES_MAX: FEW,
}));

it('no znode comes to a tree that is full, and others can be changed and go', () => {
  const world = new World();
  for (let i = world.coordinator.znodeCount; i < FEW; i++) world.create(`/n${i}`);
  expect(world.create('/one-more').code).toBe(ErrorCode.quotaExceeded);
  expect(world.multi(op.create('/one-more'), op.delete('/n5'))).toMatchObject({
    results: [{ opCode: OpCode.error, error: ErrorCode.quotaExceeded }, { opCode: OpCode.error }],
  });
  expect(world.setData('/n5', 'x').code).toBe(ErrorCode.ok);
  expect(world.delete('/n5').code).toBe(ErrorCode.ok);
  expect(world.create('/one-more').code).toBe(ErrorCode.ok);
});
