import type { z } from 'zod';
import { Reject } from '../../core/contracts/job.ts';
import { keys } from '../../core/contracts/keys.ts';
import { type Partition, Prediction } from '../../core/contracts/records.ts';
import { PredictionSpec } from '../../core/contracts/spec.ts';
import { digestOf, sha256 } from '../../core/digest.ts';
import { GraphBuilder } from '../../core/onnx/graph.ts';
import { readPartition } from '../../core/steps/job.ts';
import { readObject } from '../../core/steps/objects.ts';
import { type ByteSource, encodeJson, type ObjectStore } from '../../core/store.ts';
import type { Field } from '../../core/tables/batch.ts';
import { memoryStore } from './memory-store.ts';
import { predictAll, stepPorts } from './step-world.ts';
import { batchOf, type Value } from './tables.ts';

/** Columns of every type. The model takes x as float32, n as int64, k as float32 and b as bool, and gives x back as y. */
export const echoFields: readonly Field[] = [
  { name: 'id', type: 'integer' },
  { name: 'x', type: 'float' },
  { name: 'n', type: 'integer' },
  { name: 'k', type: 'integer' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'timestamp' },
  { name: 's', type: 'string' },
];

/** Rows whose id is their number, all of which the model takes. Times are hours, texts have quotes and line breaks. */
export const echoRows = (count: number): Value[][] =>
  Array.from({ length: count }, (_, row) => [
    BigInt(row),
    row / 4,
    BigInt(row) * 2n ** 33n,
    BigInt(row),
    row % 3 === 0,
    row * 3_600_000,
    row % 5 === 0 ? `say "ü",\n${row}` : `s${row % 7}`,
  ]);

export const echoTable = (rows: readonly (readonly Value[])[]) => batchOf(echoFields, rows);

function echoModel(): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('x', 'float');
  graph.input('n', 'int64');
  graph.input('k', 'float');
  graph.input('b', 'bool');
  graph.output('y', 'float', x);
  return graph.finish({ name: 'echo', version: '1' }, new Map());
}

export interface EchoWorld {
  readonly store: ObjectStore;
  /** Predicts the table and gives the manifest. */
  predict(
    source: ByteSource | readonly ByteSource[],
    predict?: z.input<typeof PredictionSpec>['predict'],
    table?: object,
  ): Promise<Prediction>;
  rejects(manifest: Prediction): Promise<Reject[]>;
  /** The rows of NDJSON parts. */
  rows(manifest: Prediction): Promise<Record<string, unknown>[]>;
}

const columns = Object.fromEntries(echoFields.map(({ name, type }) => [name, type]));

export async function echoWorld(store = memoryStore()): Promise<EchoWorld> {
  const bytes = echoModel();
  const model = await sha256(bytes);
  await store.put(keys.model(model), bytes);
  return {
    store,
    predict: async (source, predict, table) => {
      const sources = Array.isArray(source) ? source : [source as ByteSource];
      const ports = stepPorts(store, { new: sources });
      const declared = /\.(csv|ndjson)(\.gz)?$/.test(sources[0]!.name) ? { columns } : {};
      const spec = PredictionSpec.parse({
        name: 'echo',
        table: { path: 'new', ...declared, ...table },
        predict: { format: 'ndjson', tolerance: 1, ...predict },
      });
      const digest = await digestOf(spec);
      await store.put(keys.spec(digest), encodeJson(spec));
      const { prediction } = await predictAll(digest, model, null, ports);
      return readObject(store, keys.predictionManifest(prediction), Prediction);
    },
    rejects: async ({ rejects }) =>
      (await linesOf(store, rejects)).map((line) => Reject.parse(JSON.parse(line))),
    rows: async ({ parts }) =>
      (await linesOf(store, parts)).map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

async function linesOf(store: ObjectStore, parts: readonly Partition[]): Promise<string[]> {
  const texts: string[] = [];
  for (const part of parts) texts.push(new TextDecoder().decode(await readPartition(store, part)));
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '');
}
