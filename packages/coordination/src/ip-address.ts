/**
 * Addresses of the ACL scheme `ip`: `10.0.0.0/8`, `::1`, `fe80::/10`. Kept as ZooKeeper understands
 * them: IPv4 in four decimal parts, IPv6 in hexadecimal groups with at most one `::`.
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
  const suffix = expression.slice(slash + 1);
  if (!/^\d{1,3}$/.test(suffix)) return undefined;
  const bits = Number(suffix);
  return bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

function parseAddress(text: string): readonly number[] | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  if (!parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
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
