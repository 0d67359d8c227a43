import fc from 'fast-check';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { expect, test } from 'vitest';
import { decompressOf } from '../../../core/tables/parquet-codecs.ts';

const uncompress = (await decompressOf('SNAPPY', {}))!;

/** An element as format_description.txt has it: bytes as they are, or a copy of `size` bytes from `offset` before. */
type Element =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array; readonly width: number }
  | { readonly kind: 'copy'; readonly offset: number; readonly size: number; readonly width: 1 | 2 | 4 };

const littleEndian = (value: number, width: number): number[] =>
  Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** i) % 256);

function encoded(element: Element): number[] {
  const { width } = element;
  if (element.kind === 'literal') {
    const last = element.bytes.length - 1;
    const tag = width === 0 ? [last << 2] : [(59 + width) << 2, ...littleEndian(last, width)];
    return [...tag, ...element.bytes];
  }
  const { offset, size } = element;
  if (width === 1) return [1 | ((size - 4) << 2) | ((offset >>> 8) << 5), offset & 255];
  return [(width === 2 ? 2 : 3) | ((size - 1) << 2), ...littleEndian(offset, width)];
}

const preamble = (length: number): number[] =>
  length < 128 ? [length] : [(length & 127) | 128, ...preamble(length >>> 7)];

/** Elements, and what they come to, byte by byte. */
const stream = fc
  .array(
    fc.oneof(
      fc.record({
        bytes: fc.oneof(
          fc.uint8Array({ minLength: 1, maxLength: 60 }),
          fc.uint8Array({ minLength: 200, maxLength: 700 }),
        ),
        width: fc.nat({ max: 4 }),
      }),
      fc.record({
        offset: fc.oneof(fc.nat({ max: 20 }), fc.nat()),
        size: fc.nat(),
        kind: fc.constantFrom(1, 2, 4),
      }),
    ),
    { minLength: 1, maxLength: 30 },
  )
  .map((drawn) => {
    const content: number[] = [];
    const elements: Element[] = [];
    for (const each of drawn) {
      if ('bytes' in each) {
        const { bytes } = each;
        const least = bytes.length <= 60 ? 0 : bytes.length <= 256 ? 1 : 2;
        elements.push({ kind: 'literal', bytes, width: Math.max(each.width, least) });
        content.push(...bytes);
      } else if (content.length > 0) {
        const width = each.kind as 1 | 2 | 4;
        const size = width === 1 ? 4 + (each.size % 8) : 1 + (each.size % 64);
        const offset = 1 + (each.offset % Math.min(content.length, width === 1 ? 2047 : 65_535));
        elements.push({ kind: 'copy', offset, size, width });
        for (let i = 0; i < size; i++) content.push(content[content.length - offset]!);
      }
    }
    return { content, body: elements.flatMap(encoded) };
  })
  .filter(({ content }) => content.length > 0);

test('Snappy is decompressed to what its elements come to, copies that overlap what they make among them', () => {
  fc.assert(
    fc.property(stream, ({ content, body }) => {
      const input = Uint8Array.from([...preamble(content.length), ...body]);
      expect([...uncompress(input, content.length)]).toEqual(content);
    }),
    { numRuns: 300 },
  );
});

test('what another program compressed is as it was, in the room that is given', () => {
  const words = fc.array(fc.constantFrom('a', 'bc', 'abcd', 'xyzxyz', '0123456789abcdef'), {
    maxLength: 5000,
  });
  fc.assert(
    fc.property(words, (texts) => {
      const bytes = new TextEncoder().encode(texts.join('') || '-');
      const room = new Uint8Array(bytes.length);
      expect(uncompress(snappyCompress(bytes), bytes.length, () => room)).toBe(room);
      expect(room).toEqual(bytes);
    }),
    { numRuns: 50 },
  );
});

/** By the format's words alone; undefined for what is broken. */
function plainly(input: Uint8Array, length: number): number[] | undefined {
  const out: number[] = [];
  let at = input.findIndex((byte) => byte < 128) + 1;
  const next = (width: number) => {
    let value = 0;
    for (let i = 0; i < width; i++) value += (input[at++] ?? Number.NaN) * 256 ** i;
    return value;
  };
  while (at < input.length) {
    const tag = input[at++]!;
    const high = tag >>> 2;
    if ((tag & 3) === 0) {
      const size = 1 + (high < 60 ? high : next(high - 59));
      if (!(at + size <= input.length) || out.length + size > length) return undefined;
      for (let i = 0; i < size; i++) out.push(input[at++]!);
      continue;
    }
    const size = (tag & 3) === 1 ? 4 + (high & 7) : 1 + high;
    const offset = (tag & 3) === 1 ? (high >>> 3) * 256 + next(1) : next((tag & 3) === 2 ? 2 : 4);
    if (!(offset >= 1 && offset <= out.length) || out.length + size > length) return undefined;
    for (let i = 0; i < size; i++) out.push(out[out.length - offset]!);
  }
  return out.length === length ? out : undefined;
}

test('bytes that were changed or cut off are refused, or come to what they say', () => {
  let refused = 0;
  const changes = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 252, 255), fc.nat({ max: 255 }))), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(stream, changes, fc.nat({ max: 5 }), ({ content, body }, bytes, cut) => {
      const changed = Uint8Array.from(body.slice(0, body.length - cut));
      for (const [at, byte] of bytes) if (changed.length > 0) changed[at % changed.length] = byte;
      const { length } = content;
      const input = Uint8Array.from([...preamble(length), ...changed]);
      const expected = plainly(input, length);
      if (expected) expect([...uncompress(input, length)]).toEqual(expected);
      else {
        refused++;
        expect(() => uncompress(input, length)).toThrow(RangeError);
      }
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(0);
});

test('no memory is asked for that so few bytes cannot fill', () => {
  const input = Uint8Array.from([...preamble(2 ** 30), 0, 7]);
  const room = () => expect.unreachable('room was asked for');
  expect(() => uncompress(input, 2 ** 30, room)).toThrow('cannot come to');
});
