import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JuteReader, JuteWriter, ProtocolError } from '../src/index.ts';
import { codecs, fromHex, type Codec } from './codecs.ts';

/** A copy of all that is read, since buffers are views of the bytes. */
function encode(codec: Codec<unknown>, value: unknown): Uint8Array {
  const writer = new JuteWriter(1);
  codec.write(writer, value);
  return writer.copy();
}

/** Buffers that Node's views and plain arrays would make different in comparisons. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, v: unknown) => (v instanceof Uint8Array ? [...v] : v)),
  );
}

for (const codec of codecs) {
  describe(codec.name, () => {
    const golden = fromHex(codec.golden.hex);

    it('is written byte for byte as zookeeper.jute says', () => {
      expect(Buffer.from(encode(codec, codec.golden.value)).toString('hex')).toBe(
        Buffer.from(golden).toString('hex'),
      );
    });

    it('is read from the bytes of zookeeper.jute', () => {
      const reader = new JuteReader(golden);
      expect(plain(codec.read(reader))).toEqual(plain(codec.golden.value));
      expect(reader.remaining).toBe(0);
    });

    it('reads what it has written', () => {
      fc.assert(
        fc.property(codec.arbitrary, fc.nat({ max: 3 }), (value, offset) => {
          const bytes = encode(codec, value);
          const shifted = new Uint8Array(bytes.length + offset);
          shifted.set(bytes, offset);
          const reader = new JuteReader(shifted, offset);
          expect(plain(codec.read(reader))).toEqual(plain(value));
          expect(reader.remaining).toBe(0);
        }),
        { numRuns: 60 },
      );
    });

    it('ends in ProtocolError when it is cut off anywhere', () => {
      const whole = new Uint8Array(golden.length + 8).fill(0);
      whole.set(golden);
      for (let length = 0; length < golden.length; length++) {
        if (codec.name.startsWith('connect') && length === golden.length - 1) continue;
        const reader = new JuteReader(whole, 0, length);
        expect(() => codec.read(reader), `cut to ${length} bytes`).toThrow(ProtocolError);
      }
    });

    it('is understood or ends in ProtocolError when bytes are changed', () => {
      const change = fc.tuple(fc.nat({ max: golden.length - 1 }), fc.integer({ min: 0, max: 255 }));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
          const bytes = golden.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            codec.read(new JuteReader(bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }),
        { numRuns: 100 },
      );
    });
  });
}

describe('connect', () => {
  const request = fromHex(codecs[0]!.golden.hex);
  const response = fromHex(codecs[1]!.golden.hex);

  it('has 45 bytes with the flag and 44 without, and a response of 37 or 36', () => {
    expect([request.length, response.length]).toEqual([45, 37]);
    const short = codecs[0]!.read(new JuteReader(request, 0, 44)) as { readOnly: unknown };
    expect(short.readOnly).toBeUndefined();
    expect(encode(codecs[0]!, short)).toHaveLength(44);
    const shortResponse = codecs[1]!.read(new JuteReader(response, 0, 36));
    expect(encode(codecs[1]!, shortResponse)).toHaveLength(36);
  });
});

describe('multi', () => {
  it('refuses operations that are none of a transaction', () => {
    const bytes = fromHex('00000004 00 ffffffff 00000002 2f61 00');
    const multi = codecs.find((codec) => codec.name === 'multi request')!;
    expect(() => multi.read(new JuteReader(bytes))).toThrow(
      expect.objectContaining({ code: 'badOperation' }),
    );
  });
});
