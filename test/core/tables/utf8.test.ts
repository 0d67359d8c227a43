import fc from 'fast-check';
import { expect, test } from 'vitest';
import { notUtf8 } from '../../../core/tables/utf8.ts';
import { byteSource } from '../../support/byte-source.ts';
import { readIn } from '../../support/tables.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodes(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test('bytes are UTF-8 where the platform decodes them, and up to the place that is named', () => {
  const lead = fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff);
  const bytes = fc.array(fc.oneof(lead, fc.constantFrom(0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf)), {
    maxLength: 9,
  });
  const texts = fc.string({ unit: 'grapheme' }).map((text) => [...new TextEncoder().encode(text)]);
  fc.assert(
    fc.property(fc.oneof(bytes, texts), (numbers) => {
      const given = Uint8Array.from(numbers);
      const odd = notUtf8(given, 0, given.length);
      expect(odd < 0).toBe(decodes(given));
      if (odd >= 0) expect(decodes(given.subarray(0, odd))).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});

test('a line of NDJSON that is not UTF-8 is rejected, in a key, a value or what is nested, with the place', async () => {
  const latin = (text: string) => Buffer.from(text, 'latin1');
  const bytes = Buffer.concat([
    Buffer.from('{"name":"Zürich","other":"東京"}\n'),
    latin('{"name":"Zürich"}\n'),
    latin('{"näme":"x"}\n'),
    latin('{"name":"x","other":{"deep":["ü"]}}\n'),
    latin('{"name":"x","other":"\\\\ü"}\n'),
    Buffer.from('{"name":"Bern"}\n'),
  ]);
  const schema = { fields: [{ name: 'name', type: 'string' }] } as const;
  const table = await readIn(byteSource(new Uint8Array(bytes), 'x.ndjson'), 'ndjson', schema, 1);
  expect(table.rows).toEqual([['Zürich'], ['Bern']]);
  expect(table.rejected.map(({ reason }) => reason)).toEqual(
    [10, 3, 30, 23].map((at) => `byte ${at} of the line is not UTF-8`),
  );
});
