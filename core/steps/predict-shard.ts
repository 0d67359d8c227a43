import { type PredictedPiece, PredictReceipt, type Reject } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { PredictShardRequest } from '../contracts/requests.ts';
import { FanfareError } from '../errors.ts';
import { type Frame, frameOf, tableOf } from '../tables/batch.ts';
import { recordTexts } from '../tables/ndjson-write.ts';
import { type RowNumbers, rowNumbers } from '../tables/row-numbers.ts';
import { defaultBatchRows, type RawRow } from '../tables/shard.ts';
import { placesWhere, selectColumns, sliceRows, takeRows } from '../tables/slice.ts';
import { weightsOf } from '../training/labelled.ts';
import { labelsOf } from '../training/target.ts';
import type { Predicted } from '../training/trainable.ts';
import { type AroundModel, aroundModel } from './around-model.ts';
import { deadline } from './deadline.ts';
import { messageOf } from './job.ts';
import { findObject } from './objects.ts';
import { keepPiece, piecesOf, writeReceipt } from './pieces.ts';
import { type Planned, plannedOf } from './planned.ts';
import type { Ports } from './ports.ts';
import { type Rows, rowsOfShard } from './prediction-rows.ts';
import { PredictionWriter } from './prediction-writer.ts';
import { openShardModel, type ShardModel } from './shard-model.ts';

/** Rows at a time: at first, and each time that the function died of the shard. Then a piece is no more than these. */
export const batchRows = [defaultBatchRows, 16_384, 4096, 1024, 256] as const;

/**
 * Predicts the rows of one shard, piece after piece: what is kept of a piece is not done again, whoever goes on. Answers
 * `continue` when the invocation's time runs out, `done` with the receipt. A row that cannot be read goes to the rejects,
 * with its place and the reason. `ShardTooLarge` when there are no fewer rows at a time to try it with.
 */
export async function predictShard(request: PredictShardRequest, ports: Ports): Promise<object> {
  const { job, shard } = request;
  const { store } = ports;
  let work: Work | undefined;
  for (;;) {
    const before = await findObject(store, keys.receipt(job, shard), PredictReceipt);
    if (before) return { shard, rows: before.rows, next: 'done' };
    work ??= await openWork(request, ports);
    const pieces = await piecesOf(store, job, shard);
    const { rows, next } = await predictPieces(work, pieces, ports);
    if (next !== 'overtaken') return { shard, rows, next };
  }
}

interface Work extends PredictShardRequest, Planned {
  readonly code: AroundModel;
  readonly model: ShardModel;
  readonly batchRows: number;
  /** Whether each batch is a piece of its own. */
  readonly cautious: boolean;
}

async function openWork(request: PredictShardRequest, ports: Ports): Promise<Work> {
  const { shrinks = 0 } = request;
  const rows = batchRows[shrinks];
  if (rows === undefined) throw tooLarge(request);
  const { job, execution, shard } = request;
  const planned = await plannedOf(job, execution, ports);
  const { plan, spec } = planned;
  const code = await aroundModel(plan, spec.predict, shard, ports);
  const model = await openShardModel(plan, spec, ports);
  return { ...request, ...planned, code, model, batchRows: rows, cautious: shrinks > 0 };
}

function tooLarge({ shrinks, died }: PredictShardRequest): FanfareError {
  const last = died ? `: ${died.Error}: ${messageOf(died.Cause ?? '')}` : '';
  return new FanfareError(
    'ShardTooLarge',
    `predict-shard died of it ${shrinks} times, the last time with ${batchRows.at(-1)} rows at a time${last}. Give predict-shard more memory, or do less with a row in preprocess and postprocess; the same command goes on where it was`,
  );
}

/** Goes on after those pieces, to which it adds. `overtaken`: another worker cut the shard at another row. */
async function predictPieces(
  work: Work,
  pieces: PredictedPiece[],
  ports: Ports,
): Promise<{ readonly rows: number; readonly next: 'done' | 'continue' | 'overtaken' }> {
  const { store } = ports;
  const { job, shard, plan, batchRows } = work;
  const lent = lentColumns(work);
  const from = pieces.at(-1)?.next ?? 0;
  const piece = () => new PredictionWriter(store, { job, shard, piece: pieces.length, plan }, work.sketch());
  const timeIsUp = deadline(ports);
  let startedAt = ports.now();
  const write = async (rows: number) => ({
    ...(await writer.write(rows)),
    work: [{ startedAt, at: ports.now(), rows }],
  });
  let writer = piece();
  let row = rowsOf(pieces);
  let first = row;
  for await (const { read, next } of rowsOfShard(plan, shard, { from, batchRows, lent }, ports)) {
    await predictBatch(work, read, row, writer);
    row += read.batch.rows + read.rejected.length;
    const up = timeIsUp();
    if (next === null || !(up || work.cautious || writer.full)) continue;
    const own = { piece: pieces.length, next, ...(await write(row - first)) };
    const kept = await keepPiece(store, job, shard, own);
    pieces.push(kept);
    if (up) return { rows: rowsOf(pieces), next: 'continue' };
    if (kept.next !== next) return { rows: rowsOf(pieces), next: 'overtaken' };
    writer = piece();
    startedAt = ports.now();
    first = row;
  }
  const { rows } = await writeReceipt(store, job, shard, [...pieces, await write(row - first)]);
  return { rows, next: 'done' };
}

/** All that is not kept. Code may keep what it was given, and under another name. */
function lentColumns({ plan, spec }: Work): ReadonlySet<string> | undefined {
  const { input, features, keep } = plan;
  if (input.kind !== 'table' || features || spec.predict.preprocess) return undefined;
  const names = input.schema.fields.map(({ name }) => name);
  return new Set(names.filter((name) => !keep.includes(name)));
}

const rowsOf = (pieces: readonly PredictedPiece[]): number => pieces.reduce((sum, { rows }) => sum + rows, 0);

/** `row`: the number of the batch's first row in the shard. */
async function predictBatch(work: Work, read: Rows, row: number, writer: PredictionWriter): Promise<void> {
  const { plan, code, model } = work;
  const numbers = numbersOf(read, row);
  if (read.batch.rows === 0) {
    await writer.reject(
      read.rejected.map((each, at) => rejectOf(read, numbers.rejected[at]!, each.row, each)),
    );
    return;
  }
  const prepared = await preparedOf(code, read);
  if (prepared instanceof FanfareError) return predictApart(work, read, row, prepared, writer);
  const fit = await fitting(read, numbers.rows, prepared, model);
  const bad = read.rejected.map((each, at) => rejectOf(read, numbers.rejected[at]!, each.row, each));
  await writer.reject([...bad, ...fit.unfit].sort((a, b) => a.row - b.row));
  const { batch } = fit;
  if (batch.rows === 0) return;
  const kept = tableOf(selectColumns(batch, plan.keep), 'predict.keep');
  const { predicted, predictions, given, outputs } = await model.predict(batch, kept);
  writer.sketch?.add(given, outputs, read.object, fit.rowIds);
  writer.add(await code.after(predicted), { file: read.file, rows: fit.rows });
  if (predictions) writer.score(scoredRows(batch, predictions, work));
}

/** Of a batch that has the target. */
function scoredRows(batch: Frame, predictions: Float32Array, { plan, spec }: Work): Predicted {
  const { task, weight } = plan.scored!;
  return {
    predictions,
    labels: labelsOf(batch, spec.target!, task),
    ...(weight !== null && { weights: weightsOf(batch, weight) }),
  };
}

/** What the user's code makes of the rows; how it failed, where an object may be what it failed of. */
async function preparedOf(code: AroundModel, { batch, objectAt }: Rows): Promise<Frame | FanfareError> {
  try {
    return await code.before(batch);
  } catch (error) {
    if (objectAt && error instanceof FanfareError && error.name === 'UserCodeFailed') return error;
    throw error;
  }
}

/** Object by object, so that the one that cannot be prepared is known and rejected, and the others are predicted. */
async function predictApart(
  work: Work,
  read: Rows,
  row: number,
  { message: reason }: FanfareError,
  writer: PredictionWriter,
): Promise<void> {
  const { batch, rowIds } = read;
  if (batch.rows > 1) {
    for (let at = 0; at < batch.rows; at++) {
      const one = { ...read, batch: sliceRows(batch, at, at + 1), rowIds: rowIds.subarray(at, at + 1) };
      await predictBatch(work, one, row + at, writer);
    }
    return;
  }
  const [raw] = await rawsOf(read, [0]);
  const number = numbersOf(read, row).rows(0);
  await writer.reject([rejectOf(read, number, rowIds[0]!, { column: 'content', reason, ...raw! })]);
}

/** The rows' numbers in the shard or, of rows that were rejected before, those that they have in their files. */
function numbersOf(read: Rows, first: number): ReturnType<typeof rowNumbers> {
  const { lines, rowIds, rejected } = read;
  if (lines === undefined) return rowNumbers(read, first);
  return {
    rows: (row) => lines[rowIds[row]!]!.row,
    rejected: rejected.map(({ row }) => lines[row]!.row),
  };
}

interface Fitting {
  readonly batch: Frame;
  readonly rows: RowNumbers;
  readonly rowIds: Float64Array;
  readonly unfit: readonly Reject[];
}

/** The rows that the model can take, and a reject for each that it cannot, as it stands in the table. */
async function fitting(table: Rows, rows: RowNumbers, batch: Frame, model: ShardModel): Promise<Fitting> {
  const unfit = model.unfit(batch);
  if (unfit.length === 0) return { batch, rows, rowIds: table.rowIds, unfit: [] };
  const bad = new Uint8Array(batch.rows);
  for (const { row } of unfit) bad[row] = 1;
  const fit = placesWhere(bad, (flag) => flag === 0);
  const raws = await rawsOf(
    table,
    unfit.map(({ row }) => row),
  );
  return {
    batch: takeRows(batch, fit),
    rows: (row) => rows(fit[row]!),
    rowIds: Float64Array.from(fit, (row) => table.rowIds[row]!),
    unfit: unfit.map(({ row, column, reason }, at) =>
      rejectOf(table, rows(row), table.rowIds[row]!, { column, reason, ...raws[at]! }),
    ),
  };
}

async function rawsOf(
  { batch, rowIds, reread, lines }: Rows,
  rows: readonly number[],
): Promise<readonly RawRow[]> {
  if (lines) return rows.map((row) => lines[rowIds[row]!]!);
  if (reread) return reread(rows.map((row) => rowIds[row]!));
  const textOf = recordTexts(tableOf(frameOf(batch), 'the table'));
  return rows.map((row) => ({ raw: textOf(row) }));
}

const rejectOf = (
  { file, reread, lines, objectAt }: Rows,
  row: number,
  place: number,
  { column, reason, raw, raw_base64, raw_bytes }: RawRow & Pick<Reject, 'column' | 'reason'>,
): Reject => ({
  file: objectAt?.(place) ?? file,
  row,
  ...offsetOf(reread ? place : lines?.[place]?.offset),
  ...{ column, reason, raw },
  ...(raw_base64 !== undefined && { raw_base64 }),
  ...(raw_bytes !== undefined && { raw_bytes }),
});

const offsetOf = (offset: number | undefined): Pick<Reject, 'offset'> =>
  offset === undefined ? {} : { offset };
