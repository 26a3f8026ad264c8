import { JuteReader, JuteWriter, ProtocolError } from '@bellwether/protocol';
import { TOUCHED_SESSIONS_MAX } from './limits.ts';

/**
 * The sessions of which a follower has heard something since it last told the leader. On the wire:
 * int count, then a long for each.
 */
export class TouchedSessions {
  private readonly ids = new Set<number>();
  private readonly writer = new JuteWriter(1024);

  get size(): number {
    return this.ids.size;
  }

  touch(sessionId: number): void {
    this.ids.add(sessionId);
  }

  /**
   * Takes out up to TOUCHED_SESSIONS_MAX of them as a message, valid until the next call; undefined
   * when there are none. Call it until then.
   */
  drain(): Uint8Array | undefined {
    const count = Math.min(this.ids.size, TOUCHED_SESSIONS_MAX);
    if (count === 0) return undefined;
    this.writer.reset();
    this.writer.writeInt(count);
    let left = count;
    for (const id of this.ids) {
      if (left-- === 0) break;
      this.ids.delete(id);
      this.writer.writeLong(id);
    }
    return this.writer.view();
  }
}

/** Reads a message that `drain` made; what is malformed names no sessions. */
export function decodeTouchedSessions(bytes: Uint8Array): readonly number[] {
  try {
    const reader = new JuteReader(bytes);
    const count = reader.readVectorLength(8);
    const ids: number[] = [];
    for (let i = 0; i < count; i++) ids.push(reader.readLong());
    return ids;
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}
