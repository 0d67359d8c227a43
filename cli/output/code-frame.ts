import stringWidth from 'string-width';
import type { Mistake } from '../../core/errors.ts';
import type { colorsFor } from './colors.ts';

/** A line longer than that is shown around its mistake. */
const widest = 100;

/**
 * The line where a mistake is, and a caret below it:
 *
 *     6 |   trails: 5
 *       |   ^^^^^^
 */
export function codeFrame(
  { line, column, length, text }: Pick<Mistake, 'line' | 'column' | 'length' | 'text'>,
  columns: number,
  { dim, red }: Pick<ReturnType<typeof colorsFor>, 'dim' | 'red'>,
): string[] {
  const number = String(line).padStart(4);
  const room = Math.max(10, Math.min(widest, columns - number.length - 4));
  const from = column - 1 + length <= room ? 0 : Math.max(0, column - 1 - Math.floor(room / 3));
  const cut = from > 0 ? '…' : '';
  const shown = (cut + text.slice(from + cut.length).replaceAll('\t', ' ')).slice(0, room);
  const before = stringWidth(shown.slice(0, column - 1 - from));
  const marked = stringWidth(shown.slice(column - 1 - from, column - 1 - from + length));
  return [
    `${dim(`${number} |`)} ${shown}`,
    `${dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(before)}${red('^'.repeat(Math.max(1, marked)))}`,
  ];
}
