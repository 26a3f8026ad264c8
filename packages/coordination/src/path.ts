/** Whether `path` may name a znode; the same rules as ZooKeeper's PathUtils.validatePath. */
export function isValidPath(path: string): boolean {
  if (path.charCodeAt(0) !== SLASH) return false;
  if (path.length === 1) return true;
  let nameStart = 1;
  for (let i = 1; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code === SLASH) {
      if (!isValidName(path, nameStart, i)) return false;
      nameStart = i + 1;
    } else if (isForbidden(code)) {
      return false;
    }
  }
  return isValidName(path, nameStart, path.length);
}

const SPACE = 0x20;
const SLASH = 0x2f;
const DOT = 0x2e;

/** No empty names, and neither `.` nor `..`. */
function isValidName(path: string, start: number, end: number): boolean {
  if (end === start) return false;
  if (path.charCodeAt(start) !== DOT) return true;
  if (end === start + 1) return false;
  return end !== start + 2 || path.charCodeAt(start + 1) !== DOT;
}

/** Control characters, surrogates and the private use area, and the specials at the end. */
function isForbidden(code: number): boolean {
  if (code < 0x7f) return code <= 0x1f;
  return code <= 0x9f || (code >= 0xd800 && code <= 0xf8ff) || code >= 0xfff0;
}

/** What comes before the last slash: '' for a child of the root, undefined without a slash. */
export function parentPath(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? undefined : path.slice(0, slash);
}

/**
 * Whether a prefix stands for all paths: nothing but perhaps a slash is left of it when both ends have
 * lost all that Java calls blank, which is what is not above a space (String.trim).
 */
export function isEverywhere(prefix: string): boolean {
  let start = 0;
  let end = prefix.length;
  while (start < end && prefix.charCodeAt(start) <= SPACE) start++;
  while (start < end && prefix.charCodeAt(end - 1) <= SPACE) end--;
  return start === end || (end === start + 1 && prefix.charCodeAt(start) === SLASH);
}
