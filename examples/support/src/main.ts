import { launch, type Launched, type NodePlace } from './launch.ts';

interface Example {
  /** `import.meta.url` of the example's main module. */
  readonly program: string;
  /** What one node does; resolves when it serves. */
  readonly startNode: (place: NodePlace) => Promise<unknown>;
  /** What nodes are told besides, made once. */
  readonly prepare?: () => Promise<Readonly<Record<string, string>>>;
  /** Of the addresses at which users find the nodes. */
  readonly scheme?: string;
  /** What to try, for whoever has started it. */
  readonly introduce: (launched: Launched) => string;
}

/**
 * The whole of an example's main module: without an argument it starts three processes of itself and says
 * what to try; with one, it is one of them.
 */
export async function main({
  program,
  startNode,
  prepare,
  scheme,
  introduce,
}: Example): Promise<void> {
  const [, , place] = process.argv;
  if (place !== undefined) {
    await startNode(JSON.parse(place) as NodePlace);
    process.on('disconnect', () => process.exit());
    process.send?.('serving');
    return;
  }
  const more = await prepare?.();
  const launched = await launch(program, { ...(scheme && { scheme }), ...(more && { more }) });
  console.log(introduce(launched));
  process.once('SIGINT', () => void launched.stop().then(() => process.exit()));
}
