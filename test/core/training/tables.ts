import type { Target } from '../../../core/contracts/spec.ts';
import { noOrYes, type Task } from '../../../core/contracts/task.ts';
import type { Batch, Column, Field } from '../../../core/tables/batch.ts';
import type { Cache, TrainingTable } from '../../../core/training/trainable.ts';

/** A value of a row as it is written down in a test; null where it is missing. */
export type Cell = number | boolean | string | null;

export function batchOf(fields: readonly Field[], rows: readonly (readonly Cell[])[]): Batch {
  const columns = fields.map((field, at) =>
    columnOf(
      field,
      rows.map((row) => row[at] ?? null),
    ),
  );
  return { rows: rows.length, fields, columns };
}

function columnOf({ type }: Field, cells: readonly Cell[]): Column {
  const valid = cells.includes(null) ? Uint8Array.from(cells, (cell) => Number(cell !== null)) : null;
  const numbers = cells.map((cell) => Number(cell ?? 0));
  switch (type) {
    case 'float':
      return {
        type,
        values: Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell))),
        valid,
      };
    case 'integer':
      return { type, values: BigInt64Array.from(numbers, BigInt), valid };
    case 'boolean':
      return { type, values: Uint8Array.from(numbers), valid };
    case 'timestamp':
      return { type, values: Float64Array.from(numbers), valid };
    case 'string': {
      const dictionary = [...new Set(cells.map((cell) => String(cell ?? '')))];
      return {
        type,
        dictionary,
        codes: Int32Array.from(cells, (cell) => dictionary.indexOf(String(cell ?? ''))),
        valid,
      };
    }
  }
}

/** A value as a test would write it down. */
export function cellOf(column: Column, row: number): Cell {
  if (column.valid?.[row] === 0) return null;
  return column.type === 'string'
    ? (column.dictionary[column.codes[row]!] ?? null)
    : Number(column.values[row]);
}

export function memoryCache(): Cache & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    read: async (name) => objects.get(name)?.slice(),
    write: async (name, bytes) => void objects.set(name, bytes.slice()),
  };
}

export function tableOf(
  sides: Readonly<Record<'train' | 'validation', readonly Batch[]>>,
  inputs: readonly string[],
  target: Target,
  task: Task = noOrYes,
  weight?: string,
): TrainingTable {
  return {
    fields: sides.train[0]?.fields ?? [],
    inputs,
    target,
    task,
    ...(weight !== undefined && { weight }),
    partitions: () => [],
    async *batches(side) {
      yield* sides[side];
    },
    async gathered(pass, request) {
      return pass.gather(request, this);
    },
  };
}

/** A repeatable stream of numbers in [0, 1): mulberry32. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const mixedFields: readonly Field[] = [
  { name: 'when', type: 'timestamp' },
  { name: 'price', type: 'float' },
  { name: 'seats', type: 'integer' },
  { name: 'stops', type: 'integer' },
  { name: 'direct', type: 'boolean' },
  { name: 'late before', type: 'boolean' },
  { name: 'origin', type: 'string' },
  { name: 'class', type: 'string' },
  { name: 'late', type: 'boolean' },
];

export const mixedInputs = mixedFields.slice(0, -1).map((field) => field.name);

/** Rows of every type with missing values, whose label depends on the hour, the price, the origin and their absence. */
export function mixedBatch(rows: number, seed: number): Batch {
  const next = chance(seed);
  const maybe = <T>(cell: T, missing: number): T | null => (next() < missing ? null : cell);
  return batchOf(
    mixedFields,
    Array.from({ length: rows }, () => {
      const when = Math.floor((next() - 0.3) * 4e12);
      const price = Math.fround(next() * 300 - 50);
      const origin = Math.floor(next() ** 2 * 400);
      const direct = next() < 0.5;
      const missingPrice = next() < 0.1;
      const hour = (((when % 86_400_000) + 86_400_000) % 86_400_000) / 3_600_000;
      const score =
        (hour > 17 ? 1 : -1) +
        (missingPrice ? 2 : price / 100) +
        (origin % 7 === 3 ? 1.5 : 0) -
        (direct ? 0.5 : 0);
      const late = maybe(next() < 1 / (1 + Math.exp(-score)), 0.02);
      return [
        maybe(when, 0.05),
        missingPrice ? null : price,
        Math.floor(next() * 5000) - 2500,
        maybe(Math.floor(next() * 4), 0.2),
        direct,
        maybe(next() < 0.3, 0.3),
        maybe(`A${origin}`, 0.05),
        ['first', 'coach', 'crew'][Math.floor(next() * 3)] ?? null,
        late,
      ];
    }),
  );
}

export const mixedTable = (rows = 6000): TrainingTable =>
  tableOf(
    { train: [mixedBatch(rows, 1), mixedBatch(500, 2)], validation: [mixedBatch(2500, 3)] },
    mixedInputs,
    {
      kind: 'column',
      column: 'late',
    },
  );

/** Such rows with a target of another task, `y`, and weights, `w`: `targetOf` makes it of what their price and stops say. */
export function taskTable(task: Task, targetOf: (score: number) => Cell, weight?: 'w'): TrainingTable {
  const sideOf = (rows: number, seed: number): Batch => {
    const batch = mixedBatch(rows, seed);
    const next = chance(seed + 100);
    const numbers = (at: number) =>
      Array.from(batch.columns[at]!.type === 'string' ? [] : batch.columns[at]!.values, Number);
    const [prices, stops, direct] = [numbers(1), numbers(3), numbers(4)];
    const cells = prices.map((price, row): Cell[] => {
      const score = (Number.isNaN(price) ? 4 : price / 50) + stops[row]! * 0.3 - direct[row]! + next();
      return [next() < 0.02 ? null : targetOf(score), Math.round(next() * 30) / 10];
    });
    const added = batchOf(
      [
        { name: 'y', type: typeof targetOf(0) === 'string' ? 'string' : 'float' },
        { name: 'w', type: 'float' },
      ],
      cells,
    );
    return {
      rows,
      fields: [...batch.fields.slice(0, -1), ...added.fields],
      columns: [...batch.columns.slice(0, -1), ...added.columns],
    };
  };
  const sides = { train: [sideOf(1500, 1), sideOf(100, 2)], validation: [sideOf(700, 3)] };
  return tableOf(sides, mixedInputs, { kind: 'column', column: 'y' }, task, weight);
}
