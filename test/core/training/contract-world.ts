import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openGraph } from '../../../adapters/onnxruntime/open-graph.ts';
import type { Task, TaskKind } from '../../../core/contracts/task.ts';
import type { Batch, Field } from '../../../core/tables/batch.ts';
import { trainables } from '../../../core/trainables/registered.ts';
import type { Cache, Trainable, TrainingRun, TrainingTable } from '../../../core/training/trainable.ts';
import { batchOf, type Cell, chance, tableOf } from './tables.ts';

/** What the contract is tried on: a trainable, what it predicts, and whether rows have weights. */
export interface Case {
  readonly name: string;
  readonly kind: TaskKind;
  readonly weighted: boolean;
}

/** Every registered trainable on each task that it can do: a later one is tested by being there. */
export const cases: readonly Case[] = Object.values(trainables).flatMap(({ name, tasks }) =>
  tasks.flatMap((kind) => [false, true].map((weighted) => ({ name, kind, weighted }))),
);

/** Parameters that draw numbers, where a trainable does not by its defaults. */
const drawing: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  forest: { min_samples_leaf: 3, max_features: 0.6 },
  gbdt: { leaves: 7, min_data: 5, bagging_fraction: 0.7, feature_fraction: 0.6 },
  mlp: { dropout: 0.2, batch_size: 64 },
};

export const paramsOf = (name: string): Readonly<Record<string, number>> => drawing[name] ?? {};

/** The most that the study gives a trial. */
export const most = 4;

const tasks: Readonly<Record<TaskKind, Task>> = {
  binary: { kind: 'binary', classes: [0, 1] },
  multiclass: { kind: 'multiclass', classes: ['high', 'low', 'middle'] },
  regression: { kind: 'regression' },
};

const target: Readonly<Record<TaskKind, Field>> = {
  binary: { name: 'y', type: 'boolean' },
  multiclass: { name: 'y', type: 'string' },
  regression: { name: 'y', type: 'float' },
};

const inputs: readonly Field[] = [
  { name: 'when', type: 'timestamp' },
  { name: 'price', type: 'float' },
  { name: 'seats', type: 'integer' },
  { name: 'stops', type: 'integer' },
  { name: 'direct', type: 'boolean' },
  { name: 'origin', type: 'string' },
  { name: 'constant', type: 'float' },
];

/** Rows of every type with missing values, one column that is always the same, and weights; some rows have no target. */
export function contractBatch(kind: TaskKind, rows: number, seed: number): Batch {
  const next = chance(seed);
  const maybe = (cell: Cell, missing: number): Cell => (next() < missing ? null : cell);
  return batchOf(
    [...inputs, { name: 'w', type: 'float' }, target[kind]],
    Array.from({ length: rows }, () => {
      const price = Math.fround(next() * 300 - 50);
      const origin = Math.floor(next() ** 2 * 30);
      const direct = next() < 0.5;
      const score = price / 100 + (origin % 5 === 3 ? 1.5 : 0) - (direct ? 0.5 : 0) + next() - 1;
      return [
        maybe(Math.floor(next() * 1e12), 0.05),
        maybe(price, 0.1),
        Math.floor(next() * 5000) - 2500,
        maybe(Math.floor(next() * 4), 0.2),
        direct,
        maybe(`A${origin}`, 0.05),
        3,
        Math.floor(next() * 4) / 2,
        maybe(labelOf(kind, score), 0.03),
      ];
    }),
  );
}

function labelOf(kind: TaskKind, score: number): Cell {
  switch (kind) {
    case 'binary':
      return score > 0.5;
    case 'multiclass':
      return score > 1 ? 'high' : score > 0 ? 'middle' : 'low';
    case 'regression':
      return 100 * score;
  }
}

export const contractTable = ({ kind, weighted }: Omit<Case, 'name'>): TrainingTable =>
  tableOf(
    {
      train: [contractBatch(kind, 300, 1), contractBatch(kind, 100, 2)],
      validation: [contractBatch(kind, 200, 3)],
    },
    inputs.map(({ name }) => name),
    { kind: 'column', column: 'y' },
    tasks[kind],
    weighted ? 'w' : undefined,
  );

/** Starts runs on what a cache holds, as an invocation does that finds nothing in memory. */
export async function startIn(
  cache: Cache,
  on: Case,
  { checkpoint, seed = 7 }: { readonly checkpoint?: Uint8Array | undefined; readonly seed?: number } = {},
): Promise<TrainingRun> {
  const trainable = trainables[on.name]! as Trainable;
  const params = trainable.params.parse(paramsOf(on.name));
  const prepared = await trainable.load(cache, contractTable(on), { openGraph });
  return trainable.start(prepared, params, seed, checkpoint, { trial: 0, until: most, most });
}

/** Objects as files, for a process that comes after. */
export const folderCache = (folder: string): Cache => ({
  read: (name) =>
    readFile(join(folder, name)).then(
      (bytes) => new Uint8Array(bytes),
      () => undefined,
    ),
  async write(name, bytes) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  },
});
