import {
  CreateMode,
  isCreateMode,
  isWithTtl,
  NULL_ACL,
  OpCode,
  ProtocolError,
  type MultiOperation,
} from '@bellwether/protocol';

/**
 * The operations that a transaction really asks for. In a multi, the mode decides more than the
 * operation does (Op.create): a container's mode makes a container of any of them, and a createTTL
 * without a TTL's mode is a create. A mode that is none, or that needs a TTL where none can be, and a
 * list of ACLs that is null make the whole request malformed.
 */
export function plannedMulti(operations: readonly MultiOperation[]): readonly MultiOperation[] {
  return operations.some(isCreation) ? operations.map(planned) : operations;
}

function isCreation({ opCode }: MultiOperation): boolean {
  return opCode !== OpCode.delete && opCode !== OpCode.setData && opCode !== OpCode.check;
}

function planned(operation: MultiOperation): MultiOperation {
  switch (operation.opCode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer: {
      const { flags, acls } = operation.request;
      if (!isCreateMode(flags) || isWithTtl(flags) || acls === NULL_ACL) {
        throw new ProtocolError('badOperation', `a creation of mode ${flags} in a multi`);
      }
      if (flags !== CreateMode.container) return operation;
      return { opCode: OpCode.createContainer, request: operation.request };
    }
    case OpCode.createTTL: {
      const { request } = operation;
      if (isCreateMode(request.flags) && isWithTtl(request.flags)) return operation;
      if (request.flags === CreateMode.container)
        return { opCode: OpCode.createContainer, request };
      return { opCode: OpCode.create, request };
    }
    default:
      return operation;
  }
}
