/**
 * Addresses of the ACL scheme `ip`: `10.0.0.0/8`, `::1`, `fe80::/10`. IPv4 is in four decimal parts,
 * as ZooKeeper understands them: with a sign, or zeros before them. IPv6, which ZooKeeper 3.9 does not
 * know, is in hexadecimal groups with at most one `::`.
 */

interface AddressRange {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Whether `expression` is an address or an address with a length of prefix. */
export function isValidAddressRange(expression: string): boolean {
  return parseRange(expression) !== undefined;
}

/** Whether the address lies in the range; false when either can't be understood. */
export function isInAddressRange(address: string, expression: string): boolean {
  const range = parseRange(expression);
  const bytes = parseAddress(address);
  if (range === undefined || bytes === undefined) return false;
  if (bytes.length !== range.bytes.length) return false;
  return bytes.every((byte, i) => {
    const bits = Math.min(8, Math.max(0, range.bits - i * 8));
    const mask = (0xff00 >> bits) & 0xff;
    return (byte & mask) === (range.bytes[i]! & mask);
  });
}

function parseRange(expression: string): AddressRange | undefined {
  const slash = expression.indexOf('/');
  const bytes = parseAddress(slash === -1 ? expression : expression.slice(0, slash));
  if (bytes === undefined) return undefined;
  if (slash === -1) return { bytes, bits: bytes.length * 8 };
  const bits = parseJavaInt(expression.slice(slash + 1));
  const isRight = bits !== undefined && bits >= 0 && bits <= bytes.length * 8;
  return isRight ? { bytes, bits } : undefined;
}

/** As Integer.parseInt, of numbers that are not too large to be of use here. */
function parseJavaInt(text: string): number | undefined {
  const match = /^([+-]?)0*(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const number = Number(match[2]);
  return match[1] === '-' ? 0 - number : number;
}

function parseAddress(text: string): readonly number[] | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map(parseJavaInt).filter((byte) => byte !== undefined);
  return bytes.length === 4 && bytes.every((byte) => byte >= 0 && byte <= 255) ? bytes : undefined;
}

const GROUPS = 8;

function parseIPv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = [...head!, ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  if (tail === undefined ? groups.length !== GROUPS : groups.length >= GROUPS) return undefined;
  const zeros = new Array<string>(GROUPS - groups.length).fill('0');
  const all = tail === undefined ? groups : [...head!, ...zeros, ...tail];
  return all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]);
}
