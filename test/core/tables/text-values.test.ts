import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { booleanAt, floatAt, putInteger, timestampAt } from '../../../core/tables/text-values.ts';
import { isoOf } from '../../../core/tables/texts.ts';

const encoder = new TextEncoder();

/** The value of the text as it stands within others, where a reader finds it. */
function at<T>(read: (bytes: Uint8Array, from: number, to: number) => T, text: string): T {
  const bytes = encoder.encode(`9${text}9`);
  return read(bytes, 1, bytes.length - 1);
}

const integer = (text: string) => {
  const halves = new Int32Array(2);
  return at((bytes, from, to) => putInteger(bytes, from, to, halves, 0), text)
    ? new BigInt64Array(halves.buffer)[0]
    : undefined;
};

describe('a number as text', () => {
  test('is the double that JavaScript gives for it, whatever its digits', () => {
    const text = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(30)).map(([value, places]) => {
        const digits = String(value).padStart(places + 2, '0');
        return places === 0 || value < 0n
          ? String(value)
          : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
      }),
    );
    fc.assert(
      fc.property(text, (each) => {
        expect(at(floatAt, each)).toBe(Number(each));
      }),
      { numRuns: 2000 },
    );
  });

  test('may have a point at either end, a sign, an exponent, and blanks around it', () => {
    expect(
      ['.5', '5.', '-.5', '+5', '1E3', ' 7 ', '1e-2', '-0', '0123'].map((text) => at(floatAt, text)),
    ).toEqual([0.5, 5, -0.5, 5, 1000, 7, 0.01, -0, 123]);
    expect(['inf', '-Infinity', '+INF'].map((text) => at(floatAt, text))).toEqual([
      Infinity,
      -Infinity,
      Infinity,
    ]);
  });

  test('is none where anything else stands', () => {
    for (const text of [
      '',
      '-',
      '.',
      '1.2.3',
      '1,5',
      '0x1F',
      '1e',
      'e5',
      'abc',
      '1 2',
      '--1',
      'constructor',
    ]) {
      expect([text, at(floatAt, text)]).toEqual([text, NaN]);
    }
  });
});

describe('an integer as text', () => {
  test('is exact over all of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(integer(String(value))).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  test('may have a plus, blanks around it, and zeros behind a point', () => {
    expect(['+5', ' 12 ', '3.0', '-3.', '007'].map(integer)).toEqual([5n, 12n, 3n, -3n, 7n]);
  });

  test('is none beyond 64 bits, or where anything else stands', () => {
    const texts = ['9223372036854775808', '-9223372036854775809', '3.5', '', '-', '1e3', '1_000', 'x'];
    expect(texts.map(integer)).toEqual(texts.map(() => undefined));
  });
});

describe('a date or time as text', () => {
  test('is the milliseconds since 1970 that JavaScript gives for it', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31') }),
        (date) => {
          expect(at(timestampAt, date.toISOString())).toBe(date.getTime());
          expect(at(timestampAt, isoOf(date.getTime()))).toBe(date.getTime());
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('may leave out the seconds, the zone or the time, and have digits beyond the millisecond', () => {
    const minute = Date.UTC(2001, 0, 1, 0, 1);
    for (const text of [
      '2001-01-01T00:01',
      '2001-01-01 00:01:00',
      '2001-01-01 00:01:00Z',
      '2001-01-01T00:01:00.000999+00:00',
    ]) {
      expect([text, at(timestampAt, text)]).toEqual([text, minute]);
    }
    expect(at(timestampAt, '2001-01-01')).toBe(Date.UTC(2001, 0, 1));
    expect(at(timestampAt, '2001-01-01 00:01:00,25')).toBe(minute + 250);
  });

  test('with a zone is the same moment in UTC', () => {
    const noon = Date.UTC(2024, 1, 29, 12);
    const texts = ['2024-02-29T14:30:00+02:30', '2024-02-29T07:00:00-0500', '2024-02-29T13:00+01'];
    expect(texts.map((text) => at(timestampAt, text))).toEqual([noon, noon, noon]);
  });

  test('is none on a day that the calendar lacks, or where anything else stands', () => {
    const texts = [
      '2023-02-29',
      '1900-02-29',
      '2024-13-01',
      '2024-00-10',
      '2024-04-31',
      '2024-01-01T24:00',
      '2024-01-01T10:60',
    ];
    const broken = [
      '2024-1-1',
      '20240101',
      '2024-01-01T',
      '2024-01-01T10',
      '2024-01-01T10:00:',
      '2024-01-01T10:00:00.',
      '2024-01-01T10:00:00+',
      '2024-01-01X10:00',
      '2024-01-01T10:00:00Zulu',
      'abcd-ef-gh',
    ];
    for (const text of [...texts, ...broken]) expect([text, at(timestampAt, text)]).toEqual([text, NaN]);
  });
});

test('a boolean as text is true or false in any case, 1 or 0', () => {
  const texts = ['true', 'False', 'TRUE', '1', '0', 'yes', '', '2', 'truth'];
  expect(texts.map((text) => at(booleanAt, text))).toEqual([1, 0, 1, 1, 0, -1, -1, -1, -1]);
});
