import {
  ErrorCode,
  JuteReader,
  JuteWriter,
  OpCode,
  isContainer,
  opCodeName,
  readReplyHeader,
  readRequestHeader,
  ttlOf,
  writeReplyHeader,
  writeRequestHeader,
  type ReplyHeader,
  type Stat,
} from '@bellwether/protocol';
import {
  CONNECT_REQUEST,
  CONNECT_RESPONSE,
  EVENT_CODEC,
  NO_BODY,
  REQUEST_CODECS,
  RESPONSE_CODECS,
  type RecordCodec,
} from '../support/wire-codecs.ts';

/** The name for the first frame of a connection, which has no op code. */
export const CONNECT = 'connect';

/** A frame read: its header where it has one, and what stands behind that. */
export interface Message {
  readonly header: object;
  readonly body: unknown;
  /** The same, written again. */
  readonly bytes: Buffer;
}

export function requestName(frame: Buffer): string {
  return opCodeName(frame.readInt32BE(4));
}

/** @throws ProtocolError, or Error for bytes behind the request */
export function readRequest(operation: string, frame: Buffer): Message {
  if (operation === CONNECT) return read(frame, CONNECT_REQUEST, undefined);
  const codec = REQUEST_CODECS.get(frame.readInt32BE(4)) ?? NO_BODY;
  return read(frame, codec, {
    read: readRequestHeader,
    write: (writer, { xid, opCode }) => writeRequestHeader(writer, xid, opCode),
  });
}

/** The reply to a request with this op code. @throws as `readRequest` */
export function readReply(operation: string, opCode: number, frame: Buffer): Message {
  if (operation === CONNECT) return read(frame, CONNECT_RESPONSE, undefined);
  // A token stands behind an error, too.
  const hasBody = frame.readInt32BE(12) === ErrorCode.ok || opCode === OpCode.sasl;
  const codec = hasBody ? (RESPONSE_CODECS.get(opCode) ?? NO_BODY) : NO_BODY;
  return read(frame, codec, REPLY_HEADER);
}

/** @throws as `readRequest` */
export function readEvent(frame: Buffer): Message {
  return read(frame, EVENT_CODEC, REPLY_HEADER);
}

interface HeaderCodec<T extends object> {
  read(reader: JuteReader): T;
  write(writer: JuteWriter, header: T): void;
}

const REPLY_HEADER: HeaderCodec<ReplyHeader> = {
  read: readReplyHeader,
  write: (writer, { xid, zxid, error }) => writeReplyHeader(writer, xid, zxid, error),
};

function read<T extends object>(
  frame: Buffer,
  codec: RecordCodec,
  headerCodec: HeaderCodec<T> | undefined,
): Message {
  const reader = new JuteReader(frame);
  const writer = new JuteWriter();
  const header = headerCodec?.read(reader);
  const body = codec.read(reader);
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes are left over`);
  if (header !== undefined) headerCodec?.write(writer, header);
  codec.write(writer, body);
  return { header: header ?? {}, body, bytes: Buffer.from(writer.copy()) };
}

/** One line of JSON; bytes are hexadecimal. */
export function describe({ header, body }: Message): string {
  return JSON.stringify(withHexBytes({ ...header, body }));
}

function withHexBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return `hex ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(withHexBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withHexBytes(each)]));
}

const IDS: ReadonlySet<string> = new Set(['zxid', 'czxid', 'mzxid', 'pzxid', 'sessionId']);
const TIMES: ReadonlySet<string> = new Set(['ctime', 'mtime']);
const SERVER_LINE = 'server.1=';
const UNORDERED: ReadonlySet<string> = new Set(['children', 'ephemerals', 'clientInfo']);

/** The same without what differs from one run to the next: ids, times, passwords, order of names. */
export function shapeOf({ header, body }: Message): unknown {
  return withoutAccidents('', { ...header, body });
}

function withoutAccidents(key: string, value: unknown): unknown {
  if (IDS.has(key)) return Math.sign(value as number);
  if (TIMES.has(key)) return 'time';
  if (value instanceof Uint8Array) return bytesShape(key, Buffer.from(value));
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutAccidents('', item));
    return UNORDERED.has(key) ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(withoutSizes(value)).filter(
    ([name]) => !name.startsWith('ephemeralOwner'),
  );
  const shape = entries.map(([name, each]) => [name, withoutAccidents(name, each)]);
  if ('ephemeralOwner' in value) shape.push(['owner', ownerKind(value as Stat)]);
  return Object.fromEntries(shape);
}

function bytesShape(key: string, bytes: Buffer): unknown {
  if (key === 'passwd') return bytes.length;
  if (key === 'token') return tokenShape(bytes.toString());
  return isConfiguration(bytes) ? configurationShape(bytes.toString()) : bytes.toString('hex');
}

function isConfiguration(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString('latin1', 0, SERVER_LINE.length) === SERVER_LINE;
}

/** Without the ports of the server that answers, and the number of its change. */
function configurationShape(text: string): string {
  const withoutPorts = text.replace(/^(server\.1=\S+?):\d+:\d+:(\w+;\S+):\d+$/m, '$1:$2');
  return withoutPorts.replace(/^version=[0-9a-f]+$/m, 'version');
}

/** Without what is random in it, and what follows from that. */
function tokenShape(text: string): string {
  return text.replace(/nonce="[^"]+"/, 'nonce').replace(/rspauth=[0-9a-f]{32}$/, 'rspauth');
}

/**
 * Of a configuration: it is as long as its ports and numbers are, and ZooKeeper counts the election of
 * the founders as its first change.
 */
function withoutSizes(body: object): object {
  const { data, stat } = body as { readonly data?: unknown; readonly stat?: Stat };
  if (stat === undefined || !(data instanceof Uint8Array) || !isConfiguration(data)) return body;
  return { ...body, stat: { ...stat, dataLength: 0, mzxid: 0 } };
}

function ownerKind(stat: Stat): string {
  if (stat.ephemeralOwner === 0) return 'nobody';
  if (isContainer(stat)) return 'container';
  return ttlOf(stat) > 0 ? `ttl ${ttlOf(stat)}` : 'session';
}
