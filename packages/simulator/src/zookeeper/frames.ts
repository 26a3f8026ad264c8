const LENGTH_BYTES = 4;

/** Cuts what arrives into frames. */
export function splitFrames(onFrame: (frame: Uint8Array) => void): (bytes: Uint8Array) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= LENGTH_BYTES && rest.length >= LENGTH_BYTES + rest.readInt32BE(0)) {
      const end = LENGTH_BYTES + rest.readInt32BE(0);
      const frame = rest.subarray(LENGTH_BYTES, end);
      rest = rest.subarray(end);
      onFrame(frame);
    }
  };
}
