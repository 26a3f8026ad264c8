import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import type { RequestOptions } from '../options.ts';
import { joinPath } from '../paths.ts';

/** Requests in flight, however large the tree is. */
const AT_ONCE_MAX = 500;

/** From the leaves on. What others make meanwhile is deleted too; what they delete is no mistake. */
export async function deleteTree(
  client: Client,
  path: string,
  options: RequestOptions,
): Promise<void> {
  let isGone = false;
  while (!isGone) {
    const paths = await listTree(client, path, options);
    // A session's requests are executed in order: children go before their parents.
    isGone = await deleteAll(client, paths.toReversed(), options);
  }
}

/** Parents before their children, level by level. */
async function listTree(
  client: Client,
  root: string,
  options: RequestOptions,
): Promise<readonly string[]> {
  const paths = [root];
  for (let at = 0; at < paths.length;) {
    const parents = paths.slice(at, at + AT_ONCE_MAX);
    at += parents.length;
    const found = await Promise.all(parents.map((path) => childPaths(client, path, options)));
    for (const path of found.flat()) paths.push(path);
  }
  return paths;
}

async function childPaths(
  client: Client,
  path: string,
  options: RequestOptions,
): Promise<readonly string[]> {
  try {
    const { children } = await client.getChildren(path, options);
    return children.map((name) => joinPath(path, name));
  } catch (error) {
    if (isClientError(error, 'noNode')) return [];
    throw error;
  }
}

/** False: somebody has made something below one of them meanwhile. */
async function deleteAll(
  client: Client,
  paths: readonly string[],
  options: RequestOptions,
): Promise<boolean> {
  for (let at = 0; at < paths.length; at += AT_ONCE_MAX) {
    const some = paths.slice(at, at + AT_ONCE_MAX);
    const gone = await Promise.all(some.map((path) => deleteOne(client, path, options)));
    if (gone.includes(false)) return false;
  }
  return true;
}

async function deleteOne(client: Client, path: string, options: RequestOptions): Promise<boolean> {
  try {
    await client.delete(path, options);
    return true;
  } catch (error) {
    if (isClientError(error, 'noNode')) return true;
    if (isClientError(error, 'notEmpty')) return false;
    throw error;
  }
}
