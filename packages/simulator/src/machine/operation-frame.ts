/*
 * A command in the simulator's log: operation u32 | the bytes of the codec. The number names what a client
 * asked for, which is how the client's view and the log's are brought together.
 */
const HEADER_BYTES = 4;

export function frameOperation(operation: number, encoded: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + encoded.length);
  bytes.writeUInt32BE(operation);
  bytes.set(encoded, HEADER_BYTES);
  return bytes;
}

export function readOperation(bytes: Uint8Array): {
  readonly operation: number;
  readonly encoded: Uint8Array;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { operation: view.getUint32(0), encoded: bytes.subarray(HEADER_BYTES) };
}
