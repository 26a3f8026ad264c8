import { describe, expect, it } from 'vitest';
import { JuteWriter } from '../src/jute-writer.ts';
import { ProtocolError } from '../src/protocol-error.ts';

describe('a writer with a limit', () => {
  it('holds what fits, and throws at the first byte more, keeping what it has', () => {
    const writer = new JuteWriter(4, 10);
    writer.writeRaw(new Uint8Array(10).fill(1));
    expect(() => writer.writeByte(2)).toThrow(ProtocolError);
    expect([...writer.copy()]).toEqual(Array.from({ length: 10 }, () => 1));
    writer.truncate(8);
    writer.writeByte(3);
    expect(writer.length).toBe(9);
  });
});
