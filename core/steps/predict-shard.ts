import { PredictionPlan, PredictReceipt, type Reject } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { PredictionSpec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import { type Model, type ModelValues, unfitRows } from '../onnx/model.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import { type Batch, type Column, type Frame, tableOf } from '../tables/batch.ts';
import { GzipText } from '../tables/gzip.ts';
import { recordTexts } from '../tables/ndjson-write.ts';
import { readShard } from '../tables/read.ts';
import { rereadRows } from '../tables/reread.ts';
import { rowNumbers } from '../tables/row-numbers.ts';
import type { RawRow, ShardBatch } from '../tables/shard.ts';
import { placesWhere, selectColumns, takeRows } from '../tables/slice.ts';
import { labelsOf } from '../training/target.ts';
import { aroundModel } from './around-model.ts';
import { readPartition } from './job.ts';
import { findObject, readObject } from './objects.ts';
import { openShard } from './open-shard.ts';
import type { Ports } from './ports.ts';
import { PredictionWriter } from './prediction-writer.ts';

/** Predicts the rows of one shard. A row that cannot be read goes to the rejects, with its place and the reason. */
export async function predictShard({ job, shard }: ShardRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const before = await findObject(store, keys.receipt(job, shard), PredictReceipt);
  if (before) return { shard, rows: before.rows };
  const plan = await readObject(store, keys.plan(job), PredictionPlan);
  const { target, predict } = await readObject(store, keys.spec(plan.spec), PredictionSpec);
  const code = await aroundModel(plan, predict, shard, ports);
  const model = await ports.warm.keep('model', plan.model, () => openModel(plan.model, ports));

  const writer = new PredictionWriter(store, job, shard, plan.format);
  let rows = 0;
  for await (const read of batchesOf(plan, shard, ports)) {
    const numbers = rowNumbers(read, rows);
    rows += read.batch.rows + read.rejected.length;
    const fit = await fitting(read, numbers.rows, await code.before(read.batch), model);
    const bad = read.rejected.map((row, at) => rejectOf(read, numbers.rejected[at]!, row.row, row));
    await writer.reject([...bad, ...fit.unfit].sort((a, b) => a.row - b.row));
    const { batch } = fit;
    if (batch.rows === 0) continue;
    const outputs = await model.run(
      batch,
      model.outputs.map((port) => port.name),
    );
    const kept = tableOf(selectColumns(batch, plan.keep), 'predict.keep');
    const written = await code.after(withOutputs(kept, model, outputs));
    await writer.add(written, { file: read.file, row: fit.rows[0]! });
    if (
      target !== undefined &&
      outputs.probability instanceof Float32Array &&
      batch.fields.some(({ name }) => name === target.column)
    ) {
      writer.score(outputs.probability, labelsOf(batch, target), batch.rows);
    }
  }

  await writer.finish(rows);
  return { shard, rows };
}

async function openModel(digest: string, { store, loadModel }: Ports): Promise<Model> {
  const object = await store.get(keys.model(digest));
  if (object === undefined) throw new FanfareError('MissingInput', `there is no model ${keys.model(digest)}`);
  return loadModel(object.body);
}

interface Rows extends ShardBatch {
  readonly file: string;
  /** Of a text, whose row ids are places in it: the rows that begin at those. */
  readonly reread?: (places: readonly number[]) => Promise<readonly RawRow[]>;
}

async function* batchesOf({ input }: PredictionPlan, shard: number, ports: Ports): AsyncIterable<Rows> {
  if (input.kind === 'dataset') {
    const partition = input.partitions[shard]!;
    let first = 0;
    for (const batch of decodeArrow(await readPartition(ports.store, partition))) {
      const rowIds = Float64Array.from({ length: batch.rows }, (_, row) => first + row);
      yield { batch, rowIds, rejected: [], file: partition.key };
      first += batch.rows;
    }
    return;
  }
  const part = input.shards[shard]!;
  const source = await openShard(part, input.table, ports);
  const file = part.source.uri;
  const text = part.kind === 'gzip' ? new GzipText(source, ports.gunzip) : source;
  try {
    for await (const read of readShard(source, part, input.schema, ports)) {
      if (part.kind !== 'bytes' && part.kind !== 'gzip') yield { ...read, file };
      else yield { ...read, file, reread: (places) => rereadRows(text, part.format, places) };
    }
  } finally {
    if (text instanceof GzipText) await text.close();
  }
}

/** The rows that the model can take, with their numbers, and a reject for each that it cannot, as it stands in the table. */
async function fitting(
  table: Rows,
  rows: Float64Array,
  batch: Frame,
  model: Model,
): Promise<{ readonly batch: Frame; readonly rows: Float64Array; readonly unfit: readonly Reject[] }> {
  const unfit = unfitRows(model.inputs, batch);
  if (unfit.length === 0) return { batch, rows, unfit: [] };
  const bad = new Uint8Array(batch.rows);
  for (const { row } of unfit) bad[row] = 1;
  const fit = placesWhere(bad, (flag) => flag === 0);
  const raws = await rawsOf(
    table,
    unfit.map(({ row }) => row),
  );
  return {
    batch: takeRows(batch, fit),
    rows: rows.filter((_, row) => bad[row] === 0),
    unfit: unfit.map(({ row, column, reason }, at) =>
      rejectOf(table, rows[row]!, table.rowIds[row]!, { column, reason, ...raws[at]! }),
    ),
  };
}

async function rawsOf({ batch, rowIds, reread }: Rows, rows: readonly number[]): Promise<readonly RawRow[]> {
  if (reread) return reread(rows.map((row) => rowIds[row]!));
  const textOf = recordTexts(batch);
  return rows.map((row) => ({ raw: textOf(row) }));
}

const rejectOf = (
  { file, reread }: Rows,
  row: number,
  place: number,
  { column, reason, raw, raw_base64, raw_bytes }: RawRow & Pick<Reject, 'column' | 'reason'>,
): Reject => ({
  file,
  row,
  ...(reread && { offset: place }),
  ...{ column, reason, raw },
  ...(raw_base64 !== undefined && { raw_base64 }),
  ...(raw_bytes !== undefined && { raw_bytes }),
});

/** The kept columns, then one a model's output: `<name>` or, where the table has such a column already, `predicted_<name>`. */
function withOutputs(kept: Batch, model: Model, outputs: Readonly<Record<string, ModelValues>>): Batch {
  const taken = new Set(kept.fields.map((field) => field.name));
  const columns = model.outputs.map(({ name }) => columnOf(outputs[name]!));
  const fields = model.outputs.map(({ name }, at) => ({
    name: taken.has(name) ? `predicted_${name}` : name,
    type: columns[at]!.type,
  }));
  return { rows: kept.rows, fields: [...kept.fields, ...fields], columns: [...kept.columns, ...columns] };
}

function columnOf(values: ModelValues): Column {
  if (values instanceof Float32Array) return { type: 'float', values: new Float64Array(values), valid: null };
  if (values instanceof Float64Array) return { type: 'float', values, valid: null };
  if (values instanceof BigInt64Array || values instanceof Int32Array)
    return { type: 'integer', values, valid: null };
  if (values instanceof Uint8Array) return { type: 'boolean', values, valid: null };
  const dictionary = [...new Set(values)];
  const codes = new Map(dictionary.map((word, code) => [word, code]));
  return {
    type: 'string',
    codes: Int32Array.from(values, (word) => codes.get(word)!),
    dictionary,
    valid: null,
  };
}
