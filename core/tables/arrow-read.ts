import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { decodeArrow } from './arrow-decode.ts';
import type { Batch, Column, Field } from './batch.ts';
import { numbersOf64 } from './integers.ts';
import type { ShardBatch } from './shard.ts';
import { sliceRows } from './slice.ts';

/** The rows of an Arrow IPC file or stream, which is read as a whole. */
export async function* readArrow(
  source: ByteSource,
  fields: readonly Field[],
  batchRows: number,
  from = 0,
): AsyncGenerator<ShardBatch> {
  const batches = decodeArrow(
    await source.read(0, source.size),
    fields.map((field) => field.name),
  );
  let row = 0;
  for (const batch of batches) {
    const columns = fields.map((field) => columnFor(batch, field, source.uri));
    const whole = { rows: batch.rows, fields, columns };
    for (let done = Math.max(0, from - row); done < batch.rows; done += batchRows) {
      const part = sliceRows(whole, done, Math.min(done + batchRows, batch.rows));
      const first = row + done;
      yield {
        batch: part,
        rowIds: Float64Array.from({ length: part.rows }, (_, i) => first + i),
        rejected: [],
      };
    }
    row += batch.rows;
  }
}

function columnFor(batch: Batch, field: Field, uri: string): Column {
  const column = batch.columns[batch.fields.findIndex(({ name }) => name === field.name)];
  if (column === undefined)
    throw new FanfareError('BadTable', `The table has a column ${field.name}, but ${uri} lacks it.`);
  if (column.type === field.type) return column;
  if (column.type === 'integer' && field.type === 'float') {
    const values =
      column.values instanceof BigInt64Array ? numbersOf64(column.values) : Float64Array.from(column.values);
    column.valid?.forEach((valid, i) => {
      if (valid === 0) values[i] = NaN;
    });
    return { type: 'float', values, valid: column.valid };
  }
  throw new FanfareError(
    'BadTable',
    `Column ${field.name} is ${column.type} in ${uri}, where ${field.type} is expected.`,
  );
}
