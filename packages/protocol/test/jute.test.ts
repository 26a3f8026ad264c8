import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTAINER_OWNER,
  CreateMode,
  ErrorCode,
  JuteReader,
  JuteWriter,
  NULL_ACL,
  OPEN_ACL,
  OpCode,
  ProtocolError,
  TTL_MS_MAX,
  errorCodeName,
  isContainer,
  isCreateMode,
  isEphemeral,
  isSequential,
  opCodeName,
  ownerAsNumber,
  ownerOfSession,
  ownerOfTtl,
  readAcls,
  ttlOf,
  writeAcls,
} from '../src/index.ts';

function written(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(1);
  write(writer);
  return writer.copy();
}

describe('numbers', () => {
  it('writes longs as DataView does, negative ones too', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const expected = new DataView(new ArrayBuffer(8));
        expected.setBigInt64(0, BigInt(value));
        const bytes = written((writer) => writer.writeLong(value));
        expect([...bytes]).toEqual([...new Uint8Array(expected.buffer)]);
        expect(new JuteReader(bytes).readLong()).toBe(value);
      }),
    );
  });

  it('reads a long beyond 2^53 as the nearest number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const bytes = new Uint8Array(8);
        new DataView(bytes.buffer).setBigInt64(0, value);
        expect(new JuteReader(bytes).readLong()).toBe(Number(value));
      }),
    );
  });

  it('reads every byte but 0 as true', () => {
    const reader = new JuteReader(new Uint8Array([0, 1, 255]));
    expect([reader.readBool(), reader.readBool(), reader.readBool()]).toEqual([false, true, true]);
  });
});

describe('strings', () => {
  it('encodes as TextEncoder does, lone surrogates too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const bytes = written((writer) => writer.writeString(text));
        expect([...bytes.subarray(4)]).toEqual([...new TextEncoder().encode(text)]);
      }),
    );
  });

  it('replaces lone surrogates', () => {
    const bytes = written((writer) => writer.writeString('a\ud800b'));
    expect(new JuteReader(bytes).readString()).toBe('a\ufffdb');
  });

  it('decodes what is valid as TextDecoder does, at any length', () => {
    const unit = fc.constantFrom('a', 'ü', '€', '😀', '\u0000', '\uffff');
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({ unit, minLength: 4000, maxLength: 9000 }),
      fc.nat({ max: 20_000 }).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = written((writer) => writer.writeString(text));
        expect(new JuteReader(bytes).readString()).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('takes any bytes, and puts U+FFFD where they are not UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
        const bytes = written((writer) => writer.writeBuffer(body));
        const text = new JuteReader(bytes).readString()!;
        const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
        expect(text.includes('\ufffd')).toBe(expected.includes('\ufffd'));
        if (!expected.includes('\ufffd')) expect(text).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('tells null from empty', () => {
    const bytes = written((writer) => {
      writer.writeString(null);
      writer.writeString('');
      writer.writeBuffer(null);
      writer.writeBuffer(new Uint8Array(0));
    });
    const reader = new JuteReader(bytes);
    expect([reader.readString(), reader.readString()]).toEqual([null, '']);
    expect(reader.readBuffer()).toBeNull();
    expect(reader.readBuffer()).toHaveLength(0);
  });
});

describe('a reader', () => {
  it('refuses lengths that are negative or beyond the end', () => {
    for (const length of [-2, -2147483648, 5, 2147483647]) {
      const bytes = written((writer) => {
        writer.writeInt(length);
        writer.writeInt(0);
      });
      expect(() => new JuteReader(bytes).readBuffer()).toThrow(ProtocolError);
      expect(() => new JuteReader(bytes).readString()).toThrow(ProtocolError);
    }
  });

  it('refuses a vector that its bytes can not hold, before it allocates', () => {
    const bytes = written((writer) => writer.writeInt(0x7fff_ffff));
    expect(() => new JuteReader(bytes).readStrings()).toThrow(
      expect.objectContaining({ code: 'badLength' }),
    );
    expect(() => readAcls(new JuteReader(bytes))).toThrow(ProtocolError);
  });

  it('takes a vector of negative length for an empty one, as ZooKeeper does', () => {
    for (const length of [-2, -2147483648]) {
      const bytes = written((writer) => writer.writeInt(length));
      expect(new JuteReader(bytes).readStrings()).toEqual([]);
      expect(readAcls(new JuteReader(bytes))).toEqual([]);
      expect(readAcls(new JuteReader(bytes))).not.toBe(NULL_ACL);
    }
  });

  it('refuses null in place of a vector of strings', () => {
    const bytes = written((writer) => writer.writeInt(-1));
    expect(() => new JuteReader(bytes).readStrings()).toThrow(ProtocolError);
  });

  it('never reads beyond its limit though the bytes go on', () => {
    const bytes = new Uint8Array(16);
    expect(() => new JuteReader(bytes, 0, 7).readLong()).toThrow(ProtocolError);
    expect(() => new JuteReader(bytes, 13).readInt()).toThrow(ProtocolError);
    expect(() => new JuteReader(bytes, 4, 17)).toThrow(RangeError);
  });

  it('refuses null where a string must be', () => {
    const bytes = written((writer) => writer.writeString(null));
    expect(() => new JuteReader(bytes).readPresentString()).toThrow(
      expect.objectContaining({ code: 'missingString' }),
    );
  });
});

describe('a writer', () => {
  it('holds frames one behind the other', () => {
    const writer = new JuteWriter(4);
    for (const text of ['first', 'second one']) {
      const start = writer.beginFrame();
      writer.writeString(text);
      expect(writer.endFrame(start)).toBe(4 + text.length);
    }
    const reader = new JuteReader(writer.view());
    const frames = [reader.readInt(), reader.readString(), reader.readInt(), reader.readString()];
    expect(frames).toEqual([9, 'first', 14, 'second one']);
  });

  it('is used again after a reset, and gives back what was truncated', () => {
    const writer = new JuteWriter(64);
    writer.writeInt(1);
    writer.writeInt(2);
    writer.truncate(4);
    writer.setInt(0, 7);
    expect([...writer.copy()]).toEqual([0, 0, 0, 7]);
    writer.reset();
    expect(writer.length).toBe(0);
    expect(writer.capacity).toBe(64);
  });
});

describe('the open ACL', () => {
  it('reads as the one shared array', () => {
    const bytes = written((writer) => writeAcls(writer, [{ ...OPEN_ACL[0]! }]));
    const reader = new JuteReader(bytes);
    expect(readAcls(reader)).toBe(OPEN_ACL);
    expect(reader.remaining).toBe(0);
  });
});

describe('an ACL', () => {
  it('may have a null id, as kazoo sends that of auth: it is empty', () => {
    const bytes = written((writer) => {
      writer.writeInt(1);
      writer.writeInt(31);
      writer.writeString('auth');
      writer.writeString(null);
    });
    expect(readAcls(new JuteReader(bytes))).toEqual([{ perms: 31, scheme: 'auth', id: '' }]);
  });
});

describe('names', () => {
  it('are found for codes, and unknown codes are shown', () => {
    expect(opCodeName(OpCode.setWatches2)).toBe('setWatches2');
    expect(opCodeName(77)).toBe('unknown(77)');
    expect(errorCodeName(ErrorCode.noNode)).toBe('noNode');
    expect(errorCodeName(-99)).toBe('unknown(-99)');
  });
});

describe('create modes', () => {
  it('are told apart', () => {
    const modes = Object.values(CreateMode);
    expect(modes.filter(isEphemeral)).toEqual([1, 3]);
    expect(modes.filter(isSequential)).toEqual([2, 3, 6]);
    expect([-1, 0, 6, 7].map(isCreateMode)).toEqual([false, true, true, false]);
  });
});

describe('the owner of a znode', () => {
  it('tells containers, TTL nodes and sessions apart, in 64 bits', () => {
    expect(isContainer(CONTAINER_OWNER)).toBe(true);
    expect(ttlOf(CONTAINER_OWNER)).toBe(0);
    expect(ownerAsNumber(CONTAINER_OWNER)).toBe(-(2 ** 63));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: TTL_MS_MAX }), (ttlMs) => {
        const words = ownerOfTtl(ttlMs);
        const bits =
          (BigInt(words.ephemeralOwnerHigh >>> 0) << 32n) | BigInt(words.ephemeralOwnerLow);
        expect(bits).toBe(0xff00_0000_0000_0000n | BigInt(ttlMs));
        expect(ttlOf(words)).toBe(ttlMs);
        expect(isContainer(words)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), (sessionId) => {
        const words = ownerOfSession(sessionId);
        expect(ownerAsNumber(words)).toBe(sessionId);
        expect([ttlOf(words), isContainer(words)]).toEqual([0, false]);
      }),
    );
  });
});
