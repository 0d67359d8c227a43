import type { Batch, Column, Floats } from './batch.ts';
import { floatTexts, timeText } from './texts.ts';

const encoder = new TextEncoder();
const rowsAtOnce = 8192;

/**
 * JSON objects, one a line, with every key: numbers as the shortest text that reads back as the same one (`floatTexts`), times in
 * ISO 8601, null for a missing value and for the infinities, which JSON does not have.
 */
export function* encodeNdjson(batches: readonly Batch[]): Generator<Uint8Array> {
  for (const batch of batches) {
    const lineOf = objects(batch, () => 'null');
    for (let from = 0; from < batch.rows; from += rowsAtOnce) {
      const to = Math.min(from + rowsAtOnce, batch.rows);
      let text = '';
      for (let row = from; row < to; row++) text += `${lineOf(row)}\n`;
      yield encoder.encode(text);
    }
  }
}

/** A row as JSON that reads back as the same one: an infinity is a number that is too large. */
export const recordTexts = (batch: Batch): ((row: number) => string) =>
  objects(batch, (value) => (value > 0 ? '1e999' : '-1e999'));

type Writer = (row: number) => string;
/** How an infinity is written. */
type Infinite = (value: number) => string;

function objects(batch: Batch, infinite: Infinite): Writer {
  const keys = batch.fields.map(({ name }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  const writers = batch.columns.map((column) => writerOf(column, infinite));
  return (row) => {
    let text = '';
    for (let i = 0; i < keys.length; i++) text += keys[i]! + writers[i]!(row);
    return `${text}}`;
  };
}

function writerOf(column: Column, infinite: Infinite): Writer {
  const write = valueWriterOf(column, infinite);
  const { valid } = column;
  return valid === null ? write : (row) => (valid[row] === 0 ? 'null' : write(row));
}

function valueWriterOf(column: Column, infinite: Infinite): Writer {
  switch (column.type) {
    case 'float':
      return floatWriter(column.values, infinite);
    case 'integer':
      return (row) => String(column.values[row]);
    case 'boolean':
      return (row) => (column.values[row] === 1 ? 'true' : 'false');
    case 'timestamp':
      return (row) => `"${timeText(column.values[row]!)}"`;
    case 'string': {
      const words = column.dictionary.map((word) => JSON.stringify(word));
      return (row) => words[column.codes[row]!]!;
    }
  }
}

function floatWriter(values: Floats, infinite: Infinite): Writer {
  const textOf = floatTexts(values);
  return (row) => {
    const value = values[row]!;
    if (Number.isFinite(value)) return textOf(value);
    return Number.isNaN(value) ? 'null' : infinite(value);
  };
}
