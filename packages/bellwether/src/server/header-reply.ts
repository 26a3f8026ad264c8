import { writeReplyHeader, type JuteWriter } from '@bellwether/protocol';

/** A reply that is a header alone. */
export function writeHeaderReply(
  output: JuteWriter,
  xid: number,
  zxid: number,
  error: number,
): void {
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, zxid, error);
  output.endFrame(frame);
}
