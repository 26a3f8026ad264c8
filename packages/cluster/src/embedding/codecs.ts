import type { Codec, RestoreSink } from '../state-machine.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Commands as JSON: readable in the log, and easy to extend. What JSON can't hold is lost. */
export function jsonCodec<T>(): Codec<T> {
  return {
    encode: toJson,
    decode: (bytes) => JSON.parse(decoder.decode(bytes)) as T,
  };
}

/**
 * A small state as a snapshot: one chunk of JSON, made at the call.
 *
 * @throws TypeError for what is nothing in JSON, such as undefined
 */
export function jsonSnapshot(state: unknown): Iterable<Uint8Array> {
  return [toJson(state)];
}

/**
 * The other end of `jsonSnapshot`.
 *
 * @param onState gets the state once all of it has come
 * @param read makes a state of what was parsed, say of an older format; taken as it is when absent
 */
export function jsonRestore<T>(
  onState: (state: T) => void,
  read: (parsed: unknown) => T = (parsed) => parsed as T,
): RestoreSink {
  let text = '';
  return {
    write: (chunk) => (text += decoder.decode(chunk)),
    end: () => onState(read(JSON.parse(text))),
  };
}

/** What is nothing in JSON would be written, and could never be read. */
function toJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`JSON has no ${typeof value}`);
  return encoder.encode(text);
}
