import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainKey, plainKeys, plainTexts, shorten } from '../../../core/tracking/plain-texts.ts';

/** mlflow/utils/validation.py: `^[/\w.\- :]*$`, 250 characters, and no name that a file system would read as another. */
const allowed = /^[/\p{L}\p{N}_.\- :]{1,250}$/u;
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
);

describe('a name', () => {
  it('has no other signs than MLflow’s own', () => {
    expect(plainKey('loss[0] (é)/x:y')).toBe('loss_0_ _é__x:y');
    expect(plainKey('../x')).toBe('__x');
    expect(plainKey('')).toBe('_');
    expect(plainKey('k'.repeat(300))).toHaveLength(250);
    fc.assert(
      fc.property(text, (name) => {
        const key = plainKey(name);
        expect(key).toMatch(allowed);
        expect(key.startsWith('.')).toBe(false);
        expect(plainKey(key)).toBe(key);
      }),
    );
  });

  it('is never that of another, upper case or lower', () => {
    const keyOf = plainKeys();
    expect(['p[0]', 'p(0)', 'P_0_', 'p[0]', 'q'].map(keyOf)).toEqual([
      'p_0_',
      'p_0__2',
      'P_0__3',
      'p_0_',
      'q',
    ]);
    fc.assert(
      fc.property(fc.uniqueArray(text), (names) => {
        const keyOf = plainKeys();
        const keys = names.map((name) => keyOf(name).toLowerCase());
        expect(new Set(keys).size).toBe(names.length);
        for (const key of names.map(keyOf)) expect(key).toMatch(allowed);
      }),
    );
  });
});

describe('a text', () => {
  it('tells that it was cut, and is never cut in the middle of a sign', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdefg', 6)).toBe('abcde…');
    expect(shorten('ab🎺🎺', 5)).toBe('ab🎺…');
    expect(shorten('a\0b\ud800', 9)).toBe('a\ufffdb\ufffd');
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 50 }), (given, length) => {
        const short = shorten(given, length);
        expect(short.length).toBeLessThanOrEqual(length);
        expect(short).not.toMatch(/\p{Cs}/u);
      }),
    );
  });

  it('comes with what was changed: names, and lengths of what was cut', () => {
    expect(plainTexts({ 'p[0]': 'v', long: 'abcdefgh' }, 5)).toEqual({
      texts: { p_0_: 'v', long: 'abcd…' },
      renamed: { p_0_: 'p[0]' },
      cut: ['long (8 characters)'],
    });
  });
});
