import { ErrorCode } from '@bellwether/protocol';
import { isValidPath } from '../path.ts';

/**
 * The error for a path that leads nowhere. Paths are judged only here, off the usual way: the path
 * of a znode that is there is a valid one.
 */
export function missing(path: string): ErrorCode {
  return isValidPath(path) ? ErrorCode.noNode : ErrorCode.badArguments;
}
