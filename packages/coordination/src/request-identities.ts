import { JuteReader, type Identity } from '@bellwether/protocol';
import { NO_IDENTITIES, type EncodedIdentities } from './command.ts';

const NOBODY: readonly Identity[] = [];

/** The identities that a request carries, read only when an ACL asks for them. */
export class RequestIdentities {
  private readonly reader = new JuteReader(NO_IDENTITIES);
  private count = 0;
  private parsed: readonly Identity[] | undefined = NOBODY;

  /** Passes over the identities in `reader`, a reader of `bytes`, and remembers where they are. */
  take(reader: JuteReader, bytes: EncodedIdentities): void {
    this.count = reader.readByte();
    this.parsed = NOBODY;
    if (this.count === 0) return;
    const length = reader.readVectorLength(1);
    const offset = reader.offset;
    reader.readRaw(Math.max(length, 0));
    this.reader.reset(bytes, offset, reader.offset);
    this.parsed = undefined;
  }

  /** Throws ProtocolError when they are malformed. */
  get list(): readonly Identity[] {
    return (this.parsed ??= this.parse());
  }

  private parse(): readonly Identity[] {
    const identities: Identity[] = [];
    const reader = this.reader;
    for (let i = 0; i < this.count; i++) {
      const scheme = reader.readPresentString();
      identities.push({ scheme, id: reader.readPresentString() });
    }
    return identities;
  }
}
