import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { metricNames } from '../../../core/contracts/metrics.ts';
import type { Task } from '../../../core/contracts/task.ts';
import { metricsFrom } from '../../../core/metrics/metrics.ts';
import { tallyOf } from '../../../core/metrics/tally.ts';
import type { Predicted } from '../../../core/training/trainable.ts';
import { chance } from '../training/tables.ts';

interface Case extends Predicted {
  readonly name: string;
  readonly task: Task;
}

const tasks = {
  binary: { kind: 'binary', classes: [0, 1] },
  three: { kind: 'multiclass', classes: ['a', 'b', 'c'] },
  many: { kind: 'multiclass', classes: Array.from({ length: 12 }, (_, at) => at) },
  numbers: { kind: 'regression' },
} as const satisfies Readonly<Record<string, Task>>;

type Kind = 'plain' | 'ties' | 'sure' | 'weights' | 'rare';
const kinds: readonly Kind[] = ['plain', 'ties', 'sure', 'weights', 'rare'];

/** Random rows of a task. `ties`: few different scores; `sure`: some of 0 and 1; `rare`: most of one label. */
function rowsOf(task: Task, kind: Kind, rows: number, seed: number): Predicted {
  const next = chance(seed);
  const count = task.kind === 'regression' ? 0 : task.classes.length;
  const labels = Float64Array.from({ length: rows }, () => {
    if (count === 0)
      return kind === 'ties' ? Math.floor(next() * 4) : (next() - 0.3) * 1e3 + (kind === 'sure' ? 1e7 : 0);
    return kind === 'rare' && next() < 0.97 ? 0 : Math.floor(next() * count);
  });
  const share = (label: number, at: number) => {
    const raw = next() + (label === at ? 0.4 : 0);
    return kind === 'ties' ? Math.ceil(raw * 3) : raw + 1e-3;
  };
  const predictions = Float32Array.from(
    [...labels].flatMap((label) => {
      if (count === 0) return [label + (next() - 0.5) * 300];
      if (kind === 'sure' && next() < 0.2) {
        const at = Math.floor(next() * count);
        return count === 2 ? [at] : Array.from({ length: count }, (_, each) => Number(each === at));
      }
      const shares = Array.from({ length: count }, (_, at) => share(label, at));
      const sum = shares.reduce((all, each) => all + each, 0);
      return count === 2 ? [shares[1]! / sum] : shares.map((each) => each / sum);
    }),
  );
  if (kind !== 'weights') return { predictions, labels };
  return { predictions, labels, weights: Float64Array.from({ length: rows }, () => next() ** 3 * 40 + 1e-3) };
}

const random: readonly Case[] = Object.entries(tasks).flatMap(([name, task]) =>
  kinds.flatMap((kind) =>
    [2, 3, 17, 400, 5000].map((rows, at) => ({
      name: `${name} ${kind} ${rows}`,
      task,
      ...rowsOf(task, kind, rows, 1000 * at + name.length * 7 + kinds.indexOf(kind)),
    })),
  ),
);

const f32 = (...values: number[]) => Float32Array.from(values);
const f64 = (...values: number[]) => Float64Array.from(values);

const nasty: readonly Case[] = [
  { name: 'one row', task: tasks.binary, predictions: f32(0.3), labels: f64(0) },
  { name: 'one class', task: tasks.binary, predictions: f32(0.3, 0.7, 0.6), labels: f64(1, 1, 1) },
  { name: 'none positive', task: tasks.binary, predictions: f32(0.3, 0.1), labels: f64(0, 0) },
  { name: 'exactly a half', task: tasks.binary, predictions: f32(0.5, 0.5, 0.5), labels: f64(1, 0, 1) },
  { name: 'all tied', task: tasks.binary, predictions: f32(0.2, 0.2, 0.2, 0.2), labels: f64(1, 0, 1, 0) },
  {
    name: 'bins end',
    task: tasks.binary,
    predictions: f32(0, 0.2, 0.4, 0.6, 0.8, 1),
    labels: f64(0, 1, 0, 1, 0, 1),
  },
  {
    name: 'a class is missing',
    task: tasks.three,
    predictions: f32(0.6, 0.2, 0.2, 0.1, 0.1, 0.8, 0.2, 0.5, 0.3),
    labels: f64(0, 0, 1),
  },
  {
    name: 'a class is predicted alone',
    task: tasks.three,
    predictions: f32(0.6, 0.2, 0.2, 0.6, 0.2, 0.2, 0.8, 0.1, 0.1),
    labels: f64(0, 2, 1),
  },
  {
    name: 'tied classes',
    task: tasks.three,
    predictions: f32(0.25, 0.25, 0.5, 0.4, 0.4, 0.2),
    labels: f64(2, 1),
  },
  { name: 'one number', task: tasks.numbers, predictions: f32(1.5), labels: f64(2) },
  { name: 'equal numbers', task: tasks.numbers, predictions: f32(1, 2), labels: f64(3, 3) },
  { name: 'equal and met', task: tasks.numbers, predictions: f32(0.5, 0.5), labels: f64(0.5, 0.5) },
  {
    name: 'tiny numbers',
    task: tasks.numbers,
    predictions: f32(1e-20, 3e-20, 2e-20),
    labels: f64(2e-20, 3e-20, 0),
  },
];

test('every metric equals scikit-learn’s to 1e-9, over random rows and nasty ones', async () => {
  const cases = [...random, ...nasty];
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-metrics-'));
  try {
    const file = join(folder, 'cases.json');
    const written = cases.map(({ task, predictions, labels, weights }) => ({
      classes: task.kind === 'regression' ? 0 : task.classes.length,
      predictions: [...predictions],
      labels: [...labels],
      weights: weights ? [...weights] : null,
    }));
    await writeFile(file, JSON.stringify(written));
    const script = join(import.meta.dirname, 'scikit_learn.py');
    const python = join(process.cwd(), '.venv/bin/python');
    const { stdout } = await promisify(execFile)(python, [script, file], { maxBuffer: 2 ** 26 });
    const expected = JSON.parse(stdout) as readonly Readonly<Record<string, number | null>>[];
    const far: string[] = [];
    let compared = 0;
    for (const [at, { name, task, ...rows }] of cases.entries()) {
      const names = [...metricNames(task.kind), ...(task.kind === 'regression' ? ['quantile_loss_0.9'] : [])];
      expect(Object.keys(expected[at]!).toSorted()).toEqual(names.toSorted());
      const own = metricsFrom(tallyOf(task, rows, true), names);
      for (const metric of names) {
        const [ours, theirs] = [own[metric] ?? null, expected[at]![metric]!];
        // An error of a quantity is of any size.
        const least = task.kind === 'regression' && metric !== 'r2' ? 0 : 1;
        const scale = Math.max(least, Math.abs(theirs ?? 0));
        compared++;
        if (ours === theirs || (ours !== null && theirs !== null && Math.abs(ours - theirs) <= 1e-9 * scale))
          continue;
        far.push(`${name}: ${metric} is ${ours}, scikit-learn has ${theirs}`);
      }
    }
    expect(far).toEqual([]);
    expect(compared).toBeGreaterThan(900);
  } finally {
    await rm(folder, { recursive: true });
  }
});
