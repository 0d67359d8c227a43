import { describe, expect, test } from 'vitest';
import { type SpecPath, specSource } from '../../../core/spec/source.ts';

const text = [
  'name: late', // 1
  'target: { column: delay, above: 15 }', // 2
  'inputs:', // 3
  '  - origin', // 4
  '  - "day of week"', // 5
  'tune: &search', // 6
  '  space:', // 7
  '    leaves: [7, 31]', // 8
  '    l2:', // 9
  '      low: 0', // 10
  '      high: 1', // 11
  '  metric:', // 12
  'again: *search', // 13
].join('\r\n');

const source = specSource(text, 'late.yaml');

/** What the line holds that is underlined, and where it begins. */
function marked(path: SpecPath, part?: 'value' | 'key'): string {
  const { line, column, length, text: whole } = source.mistakeAt(path, '', part);
  return `${line}:${column} ${whole.slice(column - 1, column - 1 + length)}`;
}

describe('the place of a mistake', () => {
  test.each<[string, SpecPath, string]>([
    ['a value', ['name'], '1:7 late'],
    ['a value in braces', ['target', 'above'], '2:33 15'],
    ['all of a list or an object that stands on its line', ['tune', 'space', 'leaves'], '8:13 [7, 31]'],
    ['an item', ['inputs', 1], '5:5 "day of week"'],
    ['the key, where the value takes lines of its own', ['tune', 'space', 'l2'], '9:5 l2'],
    ['the key, where there is no value', ['tune', 'metric'], '12:3 metric'],
    ['the key that it would stand under, where nothing does', ['tune', 'space', 'l1'], '7:3 space'],
    ['the value in place of an object', ['name', 'first'], '1:7 late'],
    ['what an alias stands for', ['again', 'space', 'l2', 'low'], '10:12 0'],
    ['the beginning, where nothing is known', ['table'], '1:1 n'],
  ])('is that of %s', (_, path, place) => {
    expect(marked(path)).toBe(place);
  });

  test('is that of the key, where the key is wrong', () => {
    expect(marked(['tune', 'space', 'l2', 'low'], 'key')).toBe('10:7 low');
    expect(marked(['target', 'above'], 'key')).toBe('2:26 above');
  });

  test('of broken YAML is told for each mistake, and nothing is read of it', () => {
    const { broken, written } = specSource('a: [1\nb: "x\n', 'broken.yaml');
    expect(broken.length).toBeGreaterThan(1);
    expect(broken[0]).toMatchObject({ file: 'broken.yaml', line: 2, column: 1, text: 'b: "x' });
    expect(written).toBeUndefined();
  });
});

test('texts are told with the way to them', () => {
  expect(source.texts().slice(0, 4)).toEqual([
    { path: ['name'], text: 'late' },
    { path: ['target', 'column'], text: 'delay' },
    { path: ['inputs', 0], text: 'origin' },
    { path: ['inputs', 1], text: 'day of week' },
  ]);
});
