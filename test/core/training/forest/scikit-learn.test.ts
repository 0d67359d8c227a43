import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Scalar } from '../../../../core/contracts/names.ts';
import type { Task } from '../../../../core/contracts/task.ts';
import { parseModel } from '../../../../core/onnx/model-proto.ts';
import { forest } from '../../../../core/training/forest/forest.ts';
import { importanceIn } from '../../../../core/training/importance.ts';
import { batchOf, memoryCache, tableOf } from '../tables.ts';

interface Case {
  readonly task: Task['kind'];
  readonly weighted: boolean;
  readonly params: Record<string, Scalar>;
  readonly predictions: readonly number[];
  readonly splits: readonly number[];
  readonly importance: readonly number[];
}

/** Written by make_cases.py, which runs scikit-learn. */
const told = JSON.parse(readFileSync('test/fixtures/forest/cases.json', 'utf8')) as {
  readonly columns: Record<string, readonly (number | null)[]>;
  readonly targets: Record<Task['kind'], readonly number[]>;
  readonly weight: readonly number[];
  readonly cases: readonly Case[];
};

const tasks: Readonly<Record<Task['kind'], Task>> = {
  binary: { kind: 'binary', classes: [0, 1] },
  multiclass: { kind: 'multiclass', classes: [0, 1, 2, 3] },
  regression: { kind: 'regression' },
};

const names = Object.keys(told.columns);

/** A tree of all rows, that has been validated on them. */
async function grown({ task, weighted, params }: Case) {
  const columns = { ...told.columns, y: told.targets[task], weight: told.weight };
  const fields = Object.keys(columns).map((name) => ({ name, type: 'float' as const }));
  const rows = told.weight.map((_, row) => Object.values(columns).map((values) => values[row] ?? null));
  const batch = batchOf(fields, rows);
  const target = { kind: 'column', column: 'y' } as const;
  const sides = { train: [batch], validation: [batch] };
  const cache = memoryCache();
  await forest.prepare(tableOf(sides, names, target, tasks[task], weighted ? 'weight' : undefined), cache);
  const run = forest.start(await forest.load(cache), forest.params.parse({ bootstrap: false, ...params }), 1);
  run.advance(1, () => false);
  return run;
}

describe('the same trees as scikit-learn', () => {
  test.each(
    told.cases.map(
      (one) => [`${one.task}${one.weighted ? ', weighted' : ''} ${JSON.stringify(one.params)}`, one] as const,
    ),
  )('%s %$', async (_, one) => {
    const run = await grown(one);
    const { predictions } = run.validate();
    expect(predictions).toHaveLength(one.predictions.length);
    const worst = one.predictions.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - predictions[at]!)),
      0,
    );
    expect(worst).toBeLessThan(1e-6);
    const found = importanceIn(parseModel(run.toOnnx()).metadata)!;
    const importance = new Map(found.map((each) => [each.feature, each]));
    const gained = found.reduce((sum, { gain }) => sum + gain, 0);
    for (const [at, name] of names.entries()) {
      expect(importance.get(name)!.split).toBe(one.splits[at]);
      expect(importance.get(name)!.gain / gained).toBeCloseTo(one.importance[at]!, 6);
    }
  });
});
