import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readCreateRequest, writeCreateRequest, type CreateRequest } from './create.ts';

/**
 * The answer is that of create2.
 *
 *   class CreateTTLRequest { ustring path; buffer data; vector<ACL> acl; int flags; long ttl; }
 */
export interface CreateTtlRequest extends CreateRequest {
  /** How long the znode stays without a change and without children. */
  readonly ttlMs: number;
}

export function readCreateTtlRequest(reader: JuteReader): CreateTtlRequest {
  const request = readCreateRequest(reader);
  return { ...request, ttlMs: reader.readLong() };
}

export function writeCreateTtlRequest(writer: JuteWriter, request: CreateTtlRequest): void {
  writeCreateRequest(writer, request);
  writer.writeLong(request.ttlMs);
}
