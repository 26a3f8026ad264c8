import { readAcls, writeAcls, type Acl } from '../acl.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * create, create2 and createContainer ask alike.
 *
 *   class CreateRequest { ustring path; buffer data; vector<ACL> acl; int flags; }
 */
export interface CreateRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acls: readonly Acl[];
  /** Usually a CreateMode. */
  readonly flags: number;
}

export function readCreateRequest(reader: JuteReader): CreateRequest {
  return {
    path: reader.readPresentString(),
    data: reader.readBuffer(),
    acls: readAcls(reader),
    flags: reader.readInt(),
  };
}

export function writeCreateRequest(writer: JuteWriter, request: CreateRequest): void {
  writer.writeString(request.path);
  writer.writeBuffer(request.data);
  writeAcls(writer, request.acls);
  writer.writeInt(request.flags);
}

/** class CreateResponse { ustring path; }: with the sequence number, where one was asked for. */
export interface CreateResponse {
  readonly path: string;
}

export function readCreateResponse(reader: JuteReader): CreateResponse {
  return { path: reader.readPresentString() };
}

export function writeCreateResponse(writer: JuteWriter, path: string): void {
  writer.writeString(path);
}
