import { bothWays, type Loss } from '@bellwether/testbed';
import type { Begin, Scene } from './scene.ts';

/** Of a lossy link: from where on TCP gets hardly anything through. */
const SHARE_LOST_MAX = 0.4;
const DELAY_MS_MAX = 150;
const KBIT_MIN = 100;
const KBIT_MAX = 2_000;

function losing(losses: (scene: Scene) => readonly Loss[]): Begin {
  return (scene) => scene.cluster.network.lose(losses(scene));
}

/** Another node than the one that is struck. */
const partnerOf = ({ strike, node }: Scene): number =>
  strike.order.find((id) => id !== node.id) as number;

export const isolate = losing(({ node }) => bothWays(node.id, 'everywhere'));
export const mute = losing(({ node }) => [{ from: node.id, to: 'everywhere' }]);
export const deaf = losing(({ node }) => [{ from: 'everywhere', to: node.id }]);
export const link = losing((scene) => bothWays(scene.node.id, partnerOf(scene)));
export const clients = losing(({ node }) => bothWays(node.id, 'clients'));

export const oneWay = losing((scene) => {
  const [from, to] = [scene.node.id, partnerOf(scene)];
  return [scene.strike.amount < 0.5 ? { from, to } : { from: to, to: from }];
});

export const partition = losing(({ strike }) => {
  const size = 1 + Math.floor(strike.amount * (strike.order.length - 1));
  const [some, others] = [strike.order.slice(0, size), strike.order.slice(size)];
  return some.flatMap((a) => others.flatMap((b) => bothWays(a, b)));
});

/** All links but those of the node in the middle. */
export const bridge = losing(({ strike, node }) => {
  const others = strike.order.filter((id) => id !== node.id);
  return others.flatMap((a, i) => others.slice(i + 1).flatMap((b) => bothWays(a, b)));
});

export const lossy = losing(({ strike, node }) => {
  const share = Math.max(0.02, Math.round(strike.amount * SHARE_LOST_MAX * 100) / 100);
  return bothWays(node.id, 'everywhere').map((loss) => ({ ...loss, share }));
});

export const cable: Begin = ({ cluster, node }) => cluster.network.takeDown(node.id);

export const slowLink: Begin = ({ cluster, strike, node }) => {
  const delayMs = 1 + Math.round(strike.amount * DELAY_MS_MAX);
  const kbitPerSecond = Math.round(KBIT_MIN + (1 - strike.amount) * (KBIT_MAX - KBIT_MIN));
  const jitterMs = Math.round(delayMs / 3);
  return cluster.network.slow(node.id, { delayMs, jitterMs, kbitPerSecond });
};
