import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import type { RequestOptions } from '../options.ts';
import { joinPath } from '../paths.ts';

/** Branches of one znode that are deleted at once. */
const BRANCHES_MAX = 500;

/** From the leaves on. What others make meanwhile is deleted too; what they delete is no mistake. */
export async function deleteTree(
  client: Client,
  path: string,
  options: RequestOptions,
): Promise<void> {
  for (;;) {
    try {
      const { children } = await client.getChildren(path, options);
      for (let at = 0; at < children.length; at += BRANCHES_MAX) {
        const branches = children.slice(at, at + BRANCHES_MAX);
        await Promise.all(
          branches.map((name) => deleteTree(client, joinPath(path, name), options)),
        );
      }
      return await client.delete(path, options);
    } catch (error) {
      if (isClientError(error, 'noNode')) return;
      if (!isClientError(error, 'notEmpty')) throw error;
    }
  }
}
