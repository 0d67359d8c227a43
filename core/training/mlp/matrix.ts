import { FanfareError } from '../../errors.ts';
import type { OpenGraph } from '../../onnx/open-graph.ts';
import { decodeJson } from '../../store.ts';
import { loadBins } from '../bins/load-bins.ts';
import type { Cache, TrainingPorts, TrainingTable } from '../trainable.ts';
import { prepareRows } from './prepare.ts';
import { manifestName, type RowsManifest, rowBytes, rowsFormat, type WrittenSide } from './rows-manifest.ts';

/** A side's rows in memory. */
export interface Matrix {
  readonly rows: number;
  /** Row by row. */
  readonly numbers: Float32Array;
  /** A code a row, for each category column. */
  readonly codes: readonly Int32Array[];
  readonly labels: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** What the trials of a process share. */
export interface Prepared {
  readonly manifest: RowsManifest;
  readonly train: Matrix;
  readonly validation: Matrix;
  /** A graph in ONNX Runtime by its name: made once, kept among the last few that were asked for. */
  readonly graph: (name: string, make: () => Uint8Array) => Promise<OpenGraph>;
}

/** The rows that `prepareRows` wrote; made anew from the table where they were cut off, altered or removed. */
export async function loadMatrices(
  cache: Cache,
  table: TrainingTable,
  { openGraph }: TrainingPorts,
): Promise<Prepared> {
  const reader = {
    load: readMatrices,
    prepareAnew: (from: TrainingTable, to: Cache) => prepareRows(from, to, { anew: true }),
  };
  return { ...(await loadBins(reader, cache, table)), graph: keepGraphs(openGraph) };
}

async function readMatrices(cache: Cache): Promise<Omit<Prepared, 'graph'>> {
  const bytes = await cache.read(manifestName);
  if (!bytes)
    throw new FanfareError('MissingInput', `mlp: ${manifestName} is missing: the rows were not prepared`);
  const manifest = decodeJson(bytes) as RowsManifest;
  if (manifest.format !== rowsFormat) {
    throw new FanfareError(
      'BadTable',
      `mlp: the rows' format is ${manifest.format}, ${rowsFormat} is expected`,
    );
  }
  return {
    manifest,
    train: await readSide(cache, manifest, manifest.train),
    validation: await readSide(cache, manifest, manifest.validation),
  };
}

async function readSide(
  cache: Cache,
  manifest: RowsManifest,
  { rows, chunks }: WrittenSide,
): Promise<Matrix> {
  const { plan, weighted } = manifest;
  const width = plan.numbers.length;
  const matrix = {
    rows,
    numbers: new Float32Array(rows * width),
    codes: plan.categories.map(() => new Int32Array(rows)),
    labels: new Float64Array(rows),
    weights: weighted ? new Float64Array(rows) : undefined,
  };
  let first = 0;
  for (const chunk of chunks) {
    const bytes = await cache.read(chunk.name);
    if (bytes?.length !== chunk.rows * rowBytes(manifest)) {
      const given = bytes ? `${bytes.length} bytes` : 'missing';
      throw new FanfareError('BadTable', `mlp: ${chunk.name} is ${given}, ${chunk.rows} rows are expected`);
    }
    const target = [
      ...[matrix.labels, ...(matrix.weights ? [matrix.weights] : [])].map((all) => all.subarray(first)),
      matrix.numbers.subarray(first * width),
      ...matrix.codes.map((all) => all.subarray(first)),
    ];
    let at = 0;
    for (const [part, into] of target.entries()) {
      const isNumbers = part === target.length - matrix.codes.length - 1;
      const length = chunk.rows * into.BYTES_PER_ELEMENT * (isNumbers ? width : 1);
      new Uint8Array(into.buffer, into.byteOffset, length).set(bytes.subarray(at, at + length));
      at += length;
    }
    first += chunk.rows;
  }
  return matrix;
}

/** Graphs that are kept: what a few architectures need, for training and for predictions. */
const mostGraphs = 8;

function keepGraphs(openGraph: TrainingPorts['openGraph']): Prepared['graph'] {
  const kept = new Map<string, OpenGraph>();
  return async (name, make) => {
    const graph = kept.get(name) ?? (await openGraph(make()));
    kept.delete(name);
    kept.set(name, graph);
    const [oldest] = kept;
    if (kept.size > mostGraphs && oldest) {
      kept.delete(oldest[0]);
      await oldest[1].release();
    }
    return graph;
  };
}
