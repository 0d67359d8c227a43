import type { Batch, Column, Floats } from './batch.ts';
import { floatTexts, timeText } from './texts.ts';

const encoder = new TextEncoder();
/** So many rows become one string before they become bytes. */
const rowsAtOnce = 8192;

/**
 * CSV after RFC 4180, with a header and bare line feeds: numbers as the shortest text that reads back as the same
 * one (`floatTexts`), times in ISO 8601 (`timeText`). A missing value is nothing at all, an empty string is `""`.
 */
export function* encodeCsv(batches: readonly Batch[]): Generator<Uint8Array> {
  const names = batches[0]?.fields.map(({ name }) => quoted(name)) ?? [];
  yield encoder.encode(`${names.join(',')}\n`);
  for (const batch of batches) {
    const writers = batch.columns.map(writerOf);
    for (let from = 0; from < batch.rows; from += rowsAtOnce) {
      const to = Math.min(from + rowsAtOnce, batch.rows);
      let text = '';
      for (let row = from; row < to; row++) text += line(writers, row);
      yield encoder.encode(text);
    }
  }
}

type Writer = (row: number) => string;

function line(writers: readonly Writer[], row: number): string {
  let text = '';
  for (let i = 0; i < writers.length; i++) text += (i > 0 ? ',' : '') + writers[i]!(row);
  // A line of nothing would be passed over.
  return text === '' ? '""\n' : `${text}\n`;
}

function writerOf(column: Column): Writer {
  const write = valueWriterOf(column);
  const { valid } = column;
  return valid === null ? write : (row) => (valid[row] === 0 ? '' : write(row));
}

function valueWriterOf(column: Column): Writer {
  switch (column.type) {
    case 'float':
      return floatWriter(column.values);
    case 'integer':
      return (row) => String(column.values[row]);
    case 'boolean':
      return (row) => (column.values[row] === 1 ? 'true' : 'false');
    case 'timestamp':
      return (row) => timeText(column.values[row]!);
    case 'string': {
      const words = column.dictionary.map(quoted);
      return (row) => words[column.codes[row]!]!;
    }
  }
}

function floatWriter(values: Floats): Writer {
  const textOf = floatTexts(values);
  return (row) => {
    const value = values[row]!;
    if (Number.isFinite(value)) return textOf(value);
    return Number.isNaN(value) ? '' : value > 0 ? 'inf' : '-inf';
  };
}

const quoted = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
