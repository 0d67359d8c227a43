import { PredictionPlan, PredictReceipt, type Reject } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { PredictionSpec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import { type Model, type ModelValues, unfitRows } from '../onnx/model.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import { type Batch, type Column, type Frame, tableOf } from '../tables/batch.ts';
import { readShard } from '../tables/read.ts';
import { recordsOf } from '../tables/records.ts';
import type { ShardBatch } from '../tables/shard.ts';
import { placesWhere, selectColumns, sliceRows, takeRows } from '../tables/slice.ts';
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
    rows += read.batch.rows + read.rejected.length;
    writer.reject(read.rejected.map((bad) => ({ file: read.file, ...bad })));
    if (read.batch.rows === 0) continue;
    const { batch, unfit } = fitting(read, await code.before(read.batch), model);
    writer.reject(unfit);
    if (batch.rows === 0) continue;
    const outputs = await model.run(
      batch,
      model.outputs.map((port) => port.name),
    );
    await writer.add(
      await code.after(withOutputs(tableOf(selectColumns(batch, plan.keep), 'predict.keep'), model, outputs)),
    );
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

type Rows = ShardBatch & { readonly file: string };

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
  const { decompressors } = ports;
  for await (const read of readShard(source, part, input.schema, { decompressors })) {
    yield { ...read, file: part.source.uri };
  }
}

/** The rows that the model can take, and a reject for each that it cannot, as it stands in the table. */
function fitting(
  { batch: table, rowIds, file }: Rows,
  batch: Frame,
  model: Model,
): { readonly batch: Frame; readonly unfit: readonly Reject[] } {
  const unfit = unfitRows(model.inputs, batch);
  if (unfit.length === 0) return { batch, unfit: [] };
  const bad = new Uint8Array(batch.rows);
  for (const { row } of unfit) bad[row] = 1;
  return {
    batch: takeRows(
      batch,
      placesWhere(bad, (flag) => flag === 0),
    ),
    unfit: unfit.map(({ row, column, reason }) => ({
      file,
      row: rowIds[row]!,
      column,
      reason,
      raw: JSON.stringify(recordsOf(sliceRows(table, row, row + 1))[0]),
    })),
  };
}

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
