import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { decodeArrow } from './arrow-decode.ts';
import { arrowSlice, readArrowFooter } from './arrow-footer.ts';
import type { Batch, Column, Field } from './batch.ts';
import { numbersOf64 } from './integers.ts';
import type { Shard, ShardBatch } from './shard.ts';
import { sliceRows } from './slice.ts';

/** About so many bytes of record batches are in memory at once, and one at least. */
const atOnce = 32 * 2 ** 20;

export type ArrowShard = Extract<Shard, { format: 'arrow' }>;

/** The rows of some record batches of an Arrow IPC file, or of a stream, which is read as a whole. */
export async function* readArrow(
  source: ByteSource,
  shard: ArrowShard,
  fields: readonly Field[],
  batchRows: number,
  from = 0,
): AsyncGenerator<ShardBatch> {
  const names = fields.map((field) => field.name);
  let row = shard.kind === 'batches' ? shard.firstRow : 0;
  for await (const { bytes, what } of piecesOf(source, shard)) {
    for (const batch of decoded(bytes, names, what)) {
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
}

async function* piecesOf(source: ByteSource, shard: ArrowShard) {
  if (shard.kind === 'whole') {
    yield { bytes: await source.read(0, source.size), what: source.uri };
    return;
  }
  const footer = await readArrowFooter(source);
  if (footer === undefined) throw new FanfareError('BadTable', `${source.uri} is no Arrow IPC file.`);
  for (let first = shard.firstBatch; first < shard.endBatch; ) {
    const { start } = footer.batches[first]!;
    let end = first + 1;
    while (end < shard.endBatch && footer.batches[end]!.end - start <= atOnce) end++;
    const what = `${source.uri}, record batches ${first} to ${end - 1} (from byte ${start})`;
    yield { bytes: await arrowSlice(source, footer, first, end), what };
    first = end;
  }
}

function decoded(bytes: Uint8Array, names: readonly string[], what: string): readonly Batch[] {
  try {
    return decodeArrow(bytes, names);
  } catch (cause) {
    throw new FanfareError('BadTable', `${what}: ${(cause as Error).message}`, { cause });
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
