/*
 * What the services of two nodes tell each other, beside the log:
 *
 *   type u8 (1: sessions touched) | sessionId f64, big-endian, over and over
 *
 * Sessions whose clients were heard of at the sender since its last message. Losing one delays
 * nothing but an expiry: it comes again with the client's next request or ping.
 */
const TYPE_TOUCHED = 1;
const ID_BYTES = 8;

export function encodeTouched(sessionIds: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(1 + sessionIds.length * ID_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = TYPE_TOUCHED;
  for (let i = 0; i < sessionIds.length; i++) {
    view.setFloat64(1 + i * ID_BYTES, sessionIds[i] ?? 0);
  }
  return bytes;
}

/** Calls `onSession` for each; false when the message is none of ours, as from a newer version. */
export function decodeTouched(bytes: Uint8Array, onSession: (sessionId: number) => void): boolean {
  if (bytes[0] !== TYPE_TOUCHED || (bytes.length - 1) % ID_BYTES !== 0) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 1; at < bytes.length; at += ID_BYTES) onSession(view.getFloat64(at));
  return true;
}
