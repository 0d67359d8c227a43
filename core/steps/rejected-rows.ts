import { joinBytes } from '../bytes.ts';
import { ListedObject, PredictionPlan, Reject, type RejectsInput } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { Batch, Held } from '../tables/batch.ts';
import { readHeader } from '../tables/csv-header.ts';
import { gzipHead } from '../tables/gzip.ts';
import { concatBatches } from '../tables/join.ts';
import { memorySource } from '../tables/memory-source.ts';
import { readObjects } from '../tables/objects.ts';
import { bytesOfRaw } from '../tables/raw-row.ts';
import { readShard } from '../tables/read.ts';
import { rereadRows } from '../tables/reread.ts';
import { defaultBatchRows, type ShardBatch, type TableShard } from '../tables/shard.ts';
import { requireVersion } from '../tables/source.ts';
import { readLines } from './lines.ts';
import { readObject } from './objects.ts';
import { openShard } from './open-shard.ts';
import type { Ports } from './ports.ts';

/** A batch is no more, however few its rows. */
const mostBytes = 16 * 2 ** 20;

/** A stretch of rejected rows that are read again: a row id is a place among the lines. */
export interface RejectedRows extends Omit<ShardBatch, 'batch'> {
  readonly batch: Held;
  readonly lines: readonly Reject[];
}

/** The rows of a file of rejects, from their raw text, from the line `from` on. A line that is still no row of the table is rejected again. */
export async function* rejectedRows(
  input: RejectsInput,
  shard: number,
  { from, batchRows }: { readonly from: number; readonly batchRows: number },
  ports: Ports,
): AsyncGenerator<RejectedRows> {
  const lines = await readLines(ports.store, input.partitions[shard]!, Reject);
  if (input.format === 'objects') {
    const objects = lines.map(({ raw }) => ListedObject.parse(JSON.parse(raw)));
    for await (const read of readObjects(objects, from, batchRows / defaultBatchRows, ports.open))
      yield { ...read, lines };
    return;
  }
  const table = new RejectedTable({ ...input, format: input.format }, ports);
  let batches: Batch[] = [];
  let ids: number[] = [];
  let rejected: ShardBatch['rejected'][number][] = [];
  let bytes = 0;
  const take = (): RejectedRows => {
    const fields = input.schema.fields;
    const batch = batches.length > 0 ? concatBatches(batches) : { rows: 0, fields, columns: [] };
    const taken = { batch, rowIds: Float64Array.from(ids), rejected, lines };
    [batches, ids, rejected, bytes] = [[], [], [], 0];
    return taken;
  };
  for (let place = from; place < lines.length; place++) {
    const line = lines[place]!;
    const read = await table.read(line);
    if ('batch' in read) {
      batches.push(read.batch);
      ids.push(place);
    } else rejected.push({ ...line, ...read, row: place });
    bytes += line.raw_bytes ?? line.raw.length;
    if (ids.length + rejected.length >= batchRows || bytes >= mostBytes) yield take();
  }
  if (ids.length + rejected.length > 0) yield take();
}

type Read = { readonly batch: Batch } | { readonly column: string; readonly reason: string };

type TextInput = RejectsInput & { readonly format: 'csv' | 'ndjson' };

/** The table that rows were rejected of. A file is opened where its header is needed, or a row that was too long to be kept. */
class RejectedTable {
  readonly #input: TextInput;
  readonly #ports: Ports;
  readonly #sources = new Map<string, Promise<ByteSource>>();
  readonly #headers = new Map<string, Promise<Uint8Array>>();
  #root: Promise<PredictionPlan> | undefined;

  constructor(input: TextInput, ports: Ports) {
    this.#input = input;
    this.#ports = ports;
  }

  /** The line's row, or why it is none. */
  async read(line: Reject): Promise<Read> {
    const { format, schema } = this.#input;
    const header = format === 'csv' ? await this.#header(line.file) : new Uint8Array(0);
    const text = joinBytes([header, bytesOfRaw(line) ?? (await this.#again(line)), lineFeed]);
    const source = memorySource(text, line.file);
    const shard: TableShard = {
      ...{ kind: 'bytes', format, index: 0, source, bytes: text.length },
      ...{ start: header.length, end: text.length, startsInQuotes: false },
    };
    const found: Read[] = [];
    for await (const { batch, rejected } of readShard(source, shard, schema, { batchRows: 1 })) {
      if (batch.rows > 0) found.push({ batch });
      for (const { column, reason } of rejected) found.push({ column, reason });
    }
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    return { column: '', reason: `its raw text is ${found.length} rows, where one was rejected` };
  }

  /** A row that was too long to be kept, where it lies. */
  async #again({ file, offset }: Reject): Promise<Uint8Array> {
    const [row] = await rereadRows(await this.#source(file), this.#input.format, [offset ?? 0]);
    return row!;
  }

  #header(file: string): Promise<Uint8Array> {
    return once(this.#headers, file, async () => {
      const source = await this.#source(file);
      const { end } = await readHeader(source, this.#input.schema.delimiter ?? ',');
      const header = await source.read(0, end);
      return header.at(-1) === 10 ? header : joinBytes([header, lineFeed]);
    });
  }

  #source(file: string): Promise<ByteSource> {
    return once(this.#sources, file, async () => {
      const { input } = await this.#plan();
      const shard =
        input.kind === 'table' ? input.shards.find(({ source }) => source.uri === file) : undefined;
      if (input.kind !== 'table' || shard === undefined || shard.kind === 'objects') {
        throw new FanfareError('BadTable', `${file} is no file that ${this.#input.root} read`);
      }
      const source = await openShard(shard, input.table, this.#ports);
      requireVersion(source, shard.source);
      return shard.kind === 'gzip' ? gzipHead(source, this.#ports.gunzip) : source;
    });
  }

  #plan(): Promise<PredictionPlan> {
    this.#root ??= readObject(
      this.#ports.store,
      keys.plan(keys.prediction(this.#input.root)),
      PredictionPlan,
    );
    return this.#root;
  }
}

const lineFeed = Uint8Array.of(10);

function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
