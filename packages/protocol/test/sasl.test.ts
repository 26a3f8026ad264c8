import { describe, expect, it } from 'vitest';
import { JuteReader } from '../src/jute-reader.ts';
import { JuteWriter } from '../src/jute-writer.ts';
import { readSaslToken, writeSaslToken } from '../src/operations/sasl.ts';

describe('a SASL token', () => {
  it.each([null, new Uint8Array(0), Uint8Array.of(1, 2, 3)])(
    'of %o is read as written',
    (token) => {
      const writer = new JuteWriter();
      writeSaslToken(writer, { token });
      expect(readSaslToken(new JuteReader(writer.copy())).token).toEqual(token);
    },
  );

  it('is a length and its bytes', () => {
    const writer = new JuteWriter();
    writeSaslToken(writer, { token: Uint8Array.of(7, 8) });
    expect([...writer.copy()]).toEqual([0, 0, 0, 2, 7, 8]);
  });
});
