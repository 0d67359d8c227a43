import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Scalar } from '../../../../core/contracts/names.ts';
import type { Task } from '../../../../core/contracts/task.ts';
import { parseModel } from '../../../../core/onnx/model-proto.ts';
import { gbdt } from '../../../../core/training/gbdt/gbdt.ts';
import { importanceIn } from '../../../../core/training/importance.ts';
import { batchOf, memoryCache, tableOf } from '../tables.ts';

interface Case {
  readonly target: string;
  readonly task: Task['kind'];
  readonly weighted: boolean;
  readonly params: Record<string, Scalar>;
  readonly rounds: number;
  readonly predictions: readonly number[];
  readonly importance: Record<'gain' | 'split', readonly number[]>;
}

/** Written by make_cases.py, which runs LightGBM. */
const told = JSON.parse(readFileSync('test/fixtures/gbdt/cases.json', 'utf8')) as {
  readonly columns: Record<string, readonly (number | null)[]>;
  readonly targets: Record<string, readonly number[]>;
  readonly weight: readonly number[];
  readonly cases: readonly Case[];
};

const taskOf = ({ task }: Case): Task =>
  task === 'regression'
    ? { kind: task }
    : task === 'binary'
      ? { kind: task, classes: [0, 1] }
      : { kind: task, classes: [0, 1, 2, 3] };

const names = Object.keys(told.columns);

/** The run after its rounds, trained and validated on the same rows. */
async function trained(one: Case) {
  const columns = { ...told.columns, y: told.targets[one.target]!, weight: told.weight };
  const fields = Object.keys(columns).map((name) => ({ name, type: 'float' as const }));
  const rows = told.weight.map((_, row) => Object.values(columns).map((values) => values[row] ?? null));
  const batch = batchOf(fields, rows);
  const table = tableOf(
    { train: [batch], validation: [batch] },
    names,
    { kind: 'column', column: 'y' },
    taskOf(one),
    one.weighted ? 'weight' : undefined,
  );
  const cache = memoryCache();
  await gbdt.prepare(table, cache);
  const run = gbdt.start(await gbdt.load(cache), gbdt.params.parse(one.params), 1);
  run.advance(one.rounds, () => false);
  return run;
}

describe('the same trees as LightGBM', () => {
  test.each(
    told.cases.map(
      (one) => [`${one.task} of ${one.target}${one.weighted ? ', weighted' : ''}`, one] as const,
    ),
  )('%s %$', async (_, one) => {
    const run = await trained(one);
    const { predictions } = run.validate();
    expect(predictions).toHaveLength(one.predictions.length);
    const worst = one.predictions.reduce(
      (most, p, at) => Math.max(most, Math.abs(p - predictions[at]!) / Math.max(1, Math.abs(p))),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
    const importance = new Map(
      importanceIn(parseModel(run.toOnnx()).metadata)!.map((each) => [each.feature, each]),
    );
    for (const [at, name] of names.entries()) {
      expect(importance.get(name)!.split).toBe(one.importance.split[at]);
      expect(importance.get(name)!.gain).toBeCloseTo(one.importance.gain[at]!, 0);
    }
  });
});
