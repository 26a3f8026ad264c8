import { setTimeout as sleep } from 'node:timers/promises';
import { POLL_MS } from '../limits.ts';
import type { ChaosNode } from '../nodes/chaos-node.ts';
import { NOTHING_TO_HEAL, type Begin } from './scene.ts';

/** How long a rolling restart waits for one node before it goes on to the next. */
const SERVING_MS_MAX = 8_000;

export const kill: Begin = async ({ node }) => {
  await node.kill();
  return () => Promise.resolve(node.start());
};

export const killOne: Begin = async ({ node, strike }) => {
  await node.killOne(strike.amount < 0.5 ? 'service' : 'consensus');
  return () => Promise.resolve(node.start());
};

export const killAll: Begin = async ({ cluster }) => {
  const running = cluster.nodes.filter(({ isDown }) => !isDown);
  await Promise.all(running.map((node) => node.kill()));
  return () => Promise.resolve(running.forEach((node) => node.start()));
};

export const stop: Begin = async ({ node }) => {
  await node.stop();
  return () => Promise.resolve(node.start());
};

export const rolling: Begin = async ({ cluster, strike, isOver }) => {
  for (const id of strike.order) {
    const node = cluster.node(id);
    if (isOver()) break;
    if (!node.isRunning) continue;
    await node.stop();
    node.start();
    await waitUntilServing(node, isOver);
  }
  return NOTHING_TO_HEAL;
};

export const pause: Begin = ({ node }) => {
  node.pause();
  return Promise.resolve(() => Promise.resolve(node.resume()));
};

async function waitUntilServing(node: ChaosNode, isOver: () => boolean): Promise<void> {
  const untilMs = performance.now() + SERVING_MS_MAX;
  while (!isOver() && performance.now() < untilMs) {
    if ((await node.mode()) !== undefined) return;
    await sleep(POLL_MS);
  }
}
