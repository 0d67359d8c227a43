import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { codeFrame } from '../../../cli/output/code-frame.ts';

const plain = pc.createColors(false);
const frame = (text: string, column: number, length: number, columns = 80) =>
  codeFrame({ line: 6, column, length, text }, columns, plain);

describe('the frame of a mistake', () => {
  test('shows the line and a caret for each of its characters', () => {
    expect(frame('  trails: 5', 3, 6)).toEqual(['   6 |   trails: 5', '     |   ^^^^^^']);
  });

  test('stands right behind tabs and letters of two columns', () => {
    expect(frame('\t名前: 5', 6, 1)).toEqual(['   6 |  名前: 5', '     |        ^']);
  });

  test('of a long line shows the part with the mistake, within the terminal', () => {
    const text = `{ ${'a: 1, '.repeat(50)}wrong: 2, ${'b: 1, '.repeat(50)}}`;
    for (const columns of [30, 80, 200]) {
      const [line, carets] = frame(text, text.indexOf('wrong') + 1, 5, columns);
      expect(line!.length).toBeLessThanOrEqual(columns);
      const at = carets!.indexOf('^^^^^');
      expect(line!.slice(at, at + 5)).toBe('wrong');
      expect(line).toContain('| …');
    }
  });

  test('of an empty line is one caret', () => {
    expect(frame('', 1, 1)).toEqual(['   6 | ', '     | ^']);
  });
});
