import type { Codec, RestoreSink } from '../state-machine.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Commands as JSON: readable in the log, and easy to extend. What JSON can't hold is lost. */
export function jsonCodec<T>(): Codec<T> {
  return {
    encode: (value) => encoder.encode(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(decoder.decode(bytes)) as T,
  };
}

/** A small state as a snapshot: one chunk of JSON, made at the call. */
export function jsonSnapshot(state: unknown): Iterable<Uint8Array> {
  return [encoder.encode(JSON.stringify(state))];
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
