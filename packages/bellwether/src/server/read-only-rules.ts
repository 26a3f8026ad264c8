import { OpCode } from '@bellwether/protocol';

/** Requests that a node without a quorum refuses (ZooKeeper's ReadOnlyRequestProcessor). */
export function isRefusedWhenReadOnly(opCode: number): boolean {
  switch (opCode) {
    case OpCode.sync:
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createTTL:
    case OpCode.createContainer:
    case OpCode.delete:
    case OpCode.deleteContainer:
    case OpCode.setData:
    case OpCode.reconfig:
    case OpCode.setACL:
    case OpCode.multi:
    case OpCode.check:
      return true;
    default:
      return false;
  }
}
