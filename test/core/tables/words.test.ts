import { describe, expect, test } from 'vitest';
import { Words } from '../../../core/tables/words.ts';

const encoder = new TextEncoder();

function codeOf(words: Words, text: string): number {
  const bytes = encoder.encode(`-${text}-`);
  return words.code(bytes, 1, bytes.length - 1);
}

describe('a dictionary in the making', () => {
  test('numbers words in the order of their first appearance', () => {
    const words = new Words('refuse');
    expect(['b', 'a', '', 'b', '\ufeffé', 'a', ''].map((text) => codeOf(words, text))).toEqual([
      0, 1, 2, 0, 3, 1, 2,
    ]);
    expect(words.list()).toEqual(['b', 'a', '', '\ufeffé']);
  });

  test('never changes a list that it gave out, and gives the same one while there are no more words', () => {
    const words = new Words('refuse');
    codeOf(words, 'a');
    const list = words.list();
    expect(words.list()).toBe(list);
    codeOf(words, 'b');
    expect(list).toEqual(['a']);
    expect(words.list()).toEqual(['a', 'b']);
  });

  test('holds as many as there are, and says when it is full', () => {
    const words = new Words('refuse');
    const texts = Array.from({ length: 70_000 }, (_, i) => `word ${i}`);
    expect(texts.findIndex((text, i) => codeOf(words, text) !== i)).toBe(-1);
    expect(texts.findIndex((text, i) => codeOf(words, text) !== i)).toBe(-1);
    expect(words.list()).toEqual(texts);
    expect([words.full, new Words('refuse').full]).toEqual([true, false]);
  });
});
