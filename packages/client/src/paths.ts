import { ClientError } from './errors.ts';

/** Control characters, surrogates, private use and specials that ZooKeeper refuses in a path. */
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/;
const EMPTY_OR_RELATIVE = /\/(\.{0,2})(\/|$)/;

/**
 * Throws `badArguments` for what no server takes as a path.
 *
 * @param path absolute, without a slash at its end
 */
function checkPath(path: string): void {
  if (path === '/') return;
  const mistake = mistakeIn(path);
  if (mistake === undefined) return;
  throw new ClientError('badArguments', { path, message: `${JSON.stringify(path)} ${mistake}` });
}

function mistakeIn(path: string): string | undefined {
  if (typeof path !== 'string' || path.charCodeAt(0) !== 47) return 'does not begin with "/"';
  if (path.charCodeAt(path.length - 1) === 47) return 'ends with "/"';
  // Both are rare, and looked for only where a cheap sign of them is there.
  if ((path.includes('//') || path.includes('/.')) && EMPTY_OR_RELATIVE.test(path)) {
    return 'has an empty or relative part';
  }
  return FORBIDDEN.test(path) ? 'has a character that is not allowed' : undefined;
}

/** The path of a child; `name` may have slashes. */
export function joinPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}

/** `/a` of `/a/b`, `/` of `/a` and of `/`. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** `b` of `/a/b`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether `path` is `ancestor` or below it. */
function isWithin(path: string, ancestor: string): boolean {
  return ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);
}

/** The part of the tree that a client sees as its whole. */
export class Chroot {
  readonly #prefix: string;

  /** @param path `/` for none */
  constructor(path: string) {
    checkPath(path);
    this.#prefix = path === '/' ? '' : path;
  }

  /** As the server knows it. Checks the path. */
  outside(path: string): string {
    checkPath(path);
    if (this.#prefix === '') return path;
    return path === '/' ? this.#prefix : this.#prefix + path;
  }

  /** As the caller knows it; what is not in the chroot stays as it is. */
  inside(path: string): string {
    if (this.#prefix === '' || !isWithin(path, this.#prefix)) return path;
    return path === this.#prefix ? '/' : path.slice(this.#prefix.length);
  }
}
