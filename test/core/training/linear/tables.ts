import type { Task } from '../../../../core/contracts/task.ts';
import type { Batch } from '../../../../core/tables/batch.ts';
import type { TrainingTable } from '../../../../core/training/trainable.ts';
import { batchOf, type Cell, chance, tableOf } from '../tables.ts';

const fields = [
  { name: 'height', type: 'float' },
  { name: 'width', type: 'float' },
  { name: 'count', type: 'integer' },
  { name: 'open', type: 'boolean' },
  { name: 'city', type: 'string' },
  { name: 'kind', type: 'string' },
  { name: 'weight', type: 'float' },
  { name: 'quantity', type: 'float' },
  { name: 'yes', type: 'integer' },
  { name: 'class', type: 'string' },
] as const;

export const linearInputs = ['height', 'width', 'count', 'open', 'city', 'kind'];

/** Rows whose quantity and classes are linear in the columns, but for noise. */
export function linearBatch(rows: number, seed: number): Batch {
  const next = chance(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return batchOf(
    fields,
    Array.from({ length: rows }, (): Cell[] => {
      const height = 170 + 10 * normal();
      const width = 0.5 * height + 3 * normal();
      const count = Math.floor(20 * next());
      const open = next() < 0.3;
      const city = Math.floor(12 * next() ** 2);
      const kind = Math.floor(3 * next());
      const score =
        0.1 * (height - 170) - 0.2 * (width - 85) + 0.05 * count + (open ? 1 : 0) + 0.3 * (city % 4) - kind;
      const other = -0.05 * (height - 170) + (city % 3) - 0.8 * Number(open);
      const noisy = [score + normal(), other + normal(), 0.5 * normal()];
      return [
        next() < 0.05 ? null : height,
        width,
        count,
        open,
        next() < 0.1 ? null : `c${city}`,
        `k${kind}`,
        Math.floor(4 * next()),
        10 * score + 5 * normal() + 1000,
        Number(score + normal() > 0),
        ['a', 'b', 'c'][noisy.indexOf(Math.max(...noisy))]!,
      ];
    }),
  );
}

const targets = {
  regression: { column: 'quantity', task: { kind: 'regression' } },
  binary: { column: 'yes', task: { kind: 'binary', classes: [0, 1] } },
  multiclass: { column: 'class', task: { kind: 'multiclass', classes: ['a', 'b', 'c'] } },
} as const satisfies Readonly<Record<Task['kind'], { readonly column: string; readonly task: Task }>>;

export function linearTable(
  kind: Task['kind'],
  {
    train = [linearBatch(3000, 1)],
    weight,
  }: { readonly train?: readonly Batch[]; readonly weight?: string } = {},
): TrainingTable {
  const { column, task } = targets[kind];
  const sides = { train, validation: [linearBatch(1000, 2)] };
  return tableOf(sides, linearInputs, { kind: 'column', column }, task, weight);
}
