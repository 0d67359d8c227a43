import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../../../core/contracts/task.ts';
import { encodeDense } from '../../../../core/training/dense/encode.ts';
import { codesOf, type DensePlan } from '../../../../core/training/dense/plan.ts';
import { labelledBatches } from '../../../../core/training/labelled.ts';
import { linear } from '../../../../core/training/linear/linear.ts';
import type { TrainingTable } from '../../../../core/training/trainable.ts';
import { memoryCache } from '../tables.ts';
import { linearTable } from './tables.ts';

/** The design matrix row by row, without the intercept: the numbers, then a column a code. */
async function matrixOf(table: TrainingTable, plan: DensePlan) {
  const [X, y, weights]: [number[][], number[], number[]] = [[], [], []];
  for await (const each of labelledBatches(table, 'train')) {
    const { numbers, codes } = encodeDense(plan, each.batch);
    for (let row = 0; row < each.batch.rows; row++) {
      const oneHot = plan.categories.flatMap((category, at) =>
        Array.from({ length: codesOf(category) }, (_, code) => Number(codes[at]![row] === code + 1)),
      );
      X.push([...numbers.map((column) => column[row]!), ...oneHot]);
      y.push(each.labels[row]!);
      weights.push(each.weights?.[row] ?? 1);
    }
  }
  return { X, y, weights };
}

interface Case {
  readonly kind: Task['kind'];
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly weight?: string;
  /** What makes scikit-learn's model. */
  readonly theirs: string;
}

const tight = 'tol=1e-12, max_iter=100000';
const newton = "solver='newton-cholesky', tol=1e-12";
const saga = `solver='saga', random_state=1, ${tight}`;
const cases: readonly Case[] = [
  { kind: 'regression', params: { alpha: 10 }, theirs: 'Ridge(alpha=10)' },
  { kind: 'regression', params: { alpha: 10 }, weight: 'weight', theirs: 'Ridge(alpha=10)' },
  {
    kind: 'regression',
    params: { alpha: 3, fit_intercept: false },
    theirs: 'Ridge(alpha=3, fit_intercept=False)',
  },
  { kind: 'regression', params: { penalty: 'l1', alpha: 0.1 }, theirs: `Lasso(alpha=.1, ${tight})` },
  {
    kind: 'regression',
    params: { penalty: 'l1', alpha: 0.05 },
    weight: 'weight',
    theirs: `Lasso(alpha=.05, ${tight})`,
  },
  {
    kind: 'regression',
    params: { penalty: 'elasticnet', alpha: 0.02, l1_ratio: 0.3 },
    theirs: `ElasticNet(alpha=.02, l1_ratio=.3, ${tight})`,
  },
  {
    kind: 'regression',
    params: { penalty: 'elasticnet', alpha: 0.02, l1_ratio: 0.3, fit_intercept: false },
    theirs: `ElasticNet(alpha=.02, l1_ratio=.3, fit_intercept=False, ${tight})`,
  },
  { kind: 'binary', params: {}, theirs: `LogisticRegression(${newton})` },
  { kind: 'binary', params: { C: 0.01 }, weight: 'weight', theirs: `LogisticRegression(C=.01, ${newton})` },
  {
    kind: 'binary',
    params: { C: 50, fit_intercept: false },
    theirs: `LogisticRegression(C=50, fit_intercept=False, ${newton})`,
  },
  {
    kind: 'binary',
    params: { class_weight: 'balanced' },
    weight: 'weight',
    theirs: `LogisticRegression(class_weight='balanced', ${newton})`,
  },
  {
    kind: 'binary',
    params: { penalty: 'l1', C: 0.05 },
    theirs: `LogisticRegression(l1_ratio=1, C=.05, ${saga})`,
  },
  {
    kind: 'binary',
    params: { penalty: 'elasticnet', C: 0.05, l1_ratio: 0.4 },
    theirs: `LogisticRegression(l1_ratio=.4, C=.05, ${saga})`,
  },
  { kind: 'multiclass', params: {}, theirs: `LogisticRegression(${newton})` },
  {
    kind: 'multiclass',
    params: { C: 0.1, class_weight: 'balanced' },
    theirs: `LogisticRegression(C=.1, class_weight='balanced', ${newton})`,
  },
  {
    kind: 'multiclass',
    params: { penalty: 'l1', C: 0.05 },
    theirs: `LogisticRegression(l1_ratio=1, C=.05, ${saga})`,
  },
];

/** Their coefficients of each case: a row a model, and the intercepts. */
async function fitTheirs(given: readonly object[]): Promise<readonly Coefficients[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-linear-'));
  await writeFile(join(folder, 'given.json'), JSON.stringify(given));
  await promisify(execFile)(join(process.cwd(), '.venv/bin/python'), ['-c', fitInPython, folder]);
  const answers: unknown = JSON.parse(await readFile(join(folder, 'answers.json'), 'utf8'));
  return answers as readonly Coefficients[];
}

interface Coefficients {
  readonly coef: number[][];
  readonly intercept: number[];
}

const fitInPython = `
import json, sys, numpy as np
from sklearn.linear_model import *
folder = sys.argv[1]
answers = []
for given in json.load(open(folder + '/given.json')):
    model = eval(given['model']).fit(np.array(given['X']), np.array(given['y']), sample_weight=np.array(given['weights']))
    answers.append({'coef': np.atleast_2d(model.coef_).tolist(), 'intercept': np.atleast_1d(model.intercept_).tolist()})
json.dump(answers, open(folder + '/answers.json', 'w'))
`;

async function fitOurs({ kind, params, weight }: Case) {
  const table = linearTable(kind, { ...(weight && { weight }) });
  const cache = memoryCache();
  await linear.prepare(table, cache);
  const prepared = await linear.load(cache, table);
  const run = linear.start(prepared, linear.params.parse(params), 0);
  await run.advance(100, () => false);
  return { run, plan: prepared.manifest.plan, matrix: await matrixOf(table, prepared.manifest.plan) };
}

describe('the coefficients', () => {
  let ours: Awaited<ReturnType<typeof fitOurs>>[];
  let theirs: readonly Coefficients[];
  beforeAll(async () => {
    ours = await Promise.all(cases.map(fitOurs));
    theirs = await fitTheirs(ours.map(({ matrix }, at) => ({ ...matrix, model: cases[at]!.theirs })));
  });

  test.each(cases.map((one, at) => ({ ...one, at })))('are those of $theirs, weight $weight', ({ at }) => {
    const { run, plan } = ours[at]!;
    const { coef, intercept } = theirs[at]!;
    const numbers = plan.numbers.length;
    const expected = coef.map((row, k) => [
      ...row.slice(0, numbers),
      intercept[k] ?? 0,
      ...row.slice(numbers),
    ]);
    expect(run.ended).toBe(true);
    expect(run.coefficients).toHaveLength(expected.length);
    let worst = 0;
    for (const [k, row] of expected.entries())
      for (const [j, value] of row.entries())
        worst = Math.max(worst, Math.abs(run.coefficients[k]![j]! - value) / Math.max(1, Math.abs(value)));
    // Where their own search ends: coordinate descent and SAGA go on for as long as they gain anything.
    expect(worst).toBeLessThan(cases[at]!.theirs.includes('newton') ? 1e-6 : 1e-9);
  });
});
