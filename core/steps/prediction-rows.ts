import { ObjectList, type PredictionPlan, type Reject } from '../contracts/job.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import type { Batch, Held } from '../tables/batch.ts';
import { GzipText } from '../tables/gzip.ts';
import { readObjects } from '../tables/objects.ts';
import { rawRow } from '../tables/raw-row.ts';
import { readShard } from '../tables/read.ts';
import { rereadRows } from '../tables/reread.ts';
import { defaultBatchRows, type RawRow, type ShardBatch } from '../tables/shard.ts';
import { sliceRows } from '../tables/slice.ts';
import { readPartition } from './job.ts';
import { readObject } from './objects.ts';
import { openShard } from './open-shard.ts';
import type { Ports } from './ports.ts';
import { rejectedRows } from './rejected-rows.ts';

/** Rows to predict, as they are read. */
export interface Rows extends Omit<ShardBatch, 'batch'> {
  readonly batch: Held;
  readonly file: string;
  /** What its rows are rows of, by a name that is the same everywhere. */
  readonly object: string;
  /** Where each row is an object: the one of that row id. A batch has rows or rejected ones then. */
  readonly objectAt?: (rowId: number) => string;
  /** Of a text, whose row ids are places in it: the rows that begin at those. */
  readonly reread?: (places: readonly number[]) => Promise<readonly RawRow[]>;
  /** Of rows that were rejected before: the lines that they are read from, whose places are the row ids. */
  readonly lines?: readonly Reject[];
}

interface Ahead<Read> {
  readonly read: Read;
  /** The row id at which the next batch begins; null for the last. */
  readonly next: number | null;
}

interface RowsWanted {
  /** The row id to start at. */
  readonly from: number;
  readonly batchRows: number;
  /** Columns of which nothing is kept when the next batch is asked for. */
  readonly lent: ReadonlySet<string> | undefined;
}

/** The rows of the shard from that row id on. */
export async function* rowsOfShard(
  { input }: PredictionPlan,
  shard: number,
  { from, batchRows, lent }: RowsWanted,
  ports: Ports,
): AsyncGenerator<Ahead<Rows>> {
  if (input.kind === 'dataset') {
    const partition = input.partitions[shard]!;
    const rows = decodeArrow(await readPartition(ports.store, partition));
    for await (const { read, next } of withNext(cut(rows, from, batchRows))) {
      yield { read: { ...read, file: partition.key, object: partition.key }, next };
    }
    return;
  }
  if (input.kind === 'rejects') {
    const object = input.partitions[shard]!.key;
    for await (const { read, next } of withNext(rejectedRows(input, shard, { from, batchRows }, ports))) {
      const { lines } = read;
      const ofObjects = input.format === 'objects' && { objectAt: (id: number) => lines[id]!.file };
      yield { read: { ...read, file: lines[0]!.file, object, ...ofObjects }, next };
    }
    return;
  }
  const part = input.shards[shard]!;
  if (part.kind === 'objects') {
    const list = await readObject(ports.store, part.source.uri, ObjectList);
    const objectAt = (rowId: number) => list[rowId]!.uri;
    const reads = readObjects(list, from, batchRows / defaultBatchRows, ports.open);
    for await (const { read, next } of withNext(reads)) {
      const file = objectAt(read.rowIds[0] ?? read.rejected[0]!.row);
      yield { read: { ...read, file, object: part.source.uri, objectAt }, next };
    }
    return;
  }
  const source = await openShard(part, input.table, ports);
  const { uri: file, name: object } = part.source;
  const text = part.kind === 'gzip' ? new GzipText(source, ports.gunzip) : source;
  const reads = readShard(source, part, input.schema, { ...ports, batchRows, from, ...(lent && { lent }) });
  try {
    for await (const { read, next } of withNext(reads)) {
      if (part.kind !== 'bytes' && part.kind !== 'gzip') yield { read: { ...read, file, object }, next };
      else {
        const reread = (places: readonly number[]) => rawRows(text, part.format, places);
        yield { read: { ...read, file, object, reread }, next };
      }
    }
  } finally {
    if (text instanceof GzipText) await text.close();
  }
}

/** The batches of a partition from that row on, none of more rows than that. */
function* cut(batches: readonly Batch[], from: number, batchRows: number): Generator<ShardBatch> {
  let first = 0;
  for (const whole of batches) {
    for (let at = Math.max(0, from - first); at < whole.rows; at += batchRows) {
      const batch = sliceRows(whole, at, Math.min(whole.rows, at + batchRows));
      const rowIds = Float64Array.from({ length: batch.rows }, (_, row) => first + at + row);
      yield { batch, rowIds, rejected: [] };
    }
    first += whole.rows;
  }
}

async function* withNext<Read extends Pick<ShardBatch, 'rowIds' | 'rejected' | 'next'>>(
  batches: AsyncIterable<Read> | Iterable<Read>,
): AsyncGenerator<Ahead<Read>> {
  let held: Read | undefined;
  for await (const read of batches) {
    const { rowIds, rejected, next } = read;
    if (next !== undefined) {
      // It is predicted while it is in the processor's cache.
      yield { read, next };
      continue;
    }
    if (held) yield { read: held, next: Math.min(rowIds[0] ?? Infinity, rejected[0]?.row ?? Infinity) };
    held = read;
  }
  if (held) yield { read: held, next: null };
}

const rawRows = async (...asked: Parameters<typeof rereadRows>): Promise<readonly RawRow[]> =>
  (await rereadRows(...asked)).map((row) => rawRow(row, 0, row.length));
