import { OpCode } from '@bellwether/protocol';

/**
 * Whether the request may leave watches: `lastByte` is the last one of its body, which is the flag
 * that asks for a watch where there is such a flag.
 */
export function mayWatch(opCode: number, lastByte: number): boolean {
  switch (opCode) {
    case OpCode.getData:
    case OpCode.exists:
    case OpCode.getChildren:
    case OpCode.getChildren2:
      return lastByte !== 0;
    case OpCode.addWatch:
    case OpCode.setWatches:
    case OpCode.setWatches2:
      return true;
    default:
      return false;
  }
}
