import { OpCode, readGetDataResponse } from '@bellwether/protocol';
import type { Operation } from '../session/request.ts';
import { copyData, type DataAndStat } from './results.ts';

/**
 * A change of the ensemble's members: by what joins and leaves, or by a whole new list.
 *
 *   class ReconfigRequest { ustring joiningServers; ustring leavingServers; ustring newMembers;
 *     long curConfigId; }
 */
export interface ReconfigChange {
  /** `server.4=host:2888:3888:participant;2181`, several with commas between. */
  readonly joining?: string;
  /** Numbers of servers, with commas between. */
  readonly leaving?: string;
  /** All members, instead of joining and leaving. */
  readonly members?: string;
  /** The version (hexadecimal in the configuration) that must be in force; -1: whatever it is. */
  readonly fromConfig?: number;
}

/** The answer is the new configuration. */
export const reconfigOperation: Operation<ReconfigChange, DataAndStat> = {
  name: 'reconfig',
  opCode: OpCode.reconfig,
  kind: 'write',
  write(writer, { joining, leaving, members, fromConfig = -1 }) {
    writer.writeString(joining ?? null);
    writer.writeString(leaving ?? null);
    writer.writeString(members ?? null);
    writer.writeLong(fromConfig);
  },
  read(reader) {
    const { data, stat } = readGetDataResponse(reader);
    return { data: copyData(data), stat };
  },
};
