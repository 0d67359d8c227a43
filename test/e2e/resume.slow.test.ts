import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionName } from '../../core/contracts/functions.ts';
import { Spec } from '../../core/contracts/spec.ts';
import { type LocalEngine, startEngine } from '../../local/engine.ts';
import { filesBelow } from '../support/cli.ts';
import { colorRows, csvOf } from '../support/colors.ts';
import { putSpec } from '../support/step-world.ts';
import { bringSource } from '../support/user-code.ts';

const stages = ['split', 'tune', 'predict', 'evaluate'] as const;
type Stage = (typeof stages)[number];

/** What the work of a stage is done by. An evaluation is told by its record: the function that looks for it takes moments. */
const workers: Readonly<Partial<Record<FunctionName, Stage>>> = {
  'split-shard': 'split',
  train: 'tune',
  'predict-shard': 'predict',
};

const csv = csvOf(colorRows(900), ['id', 'x', 'color', 'hit']);

const features = (line: string) => `import { defineMapping } from 'fanfare';
export default defineMapping((rows) => rows.with({ twice: rows.numbers('x').map((x) => ${line}) }));
`;
const postprocess = (line: string) => `import { defineMapping } from 'fanfare';
export default defineMapping((rows) => rows.with({ sure: rows.numbers('probability').map((p) => ${line}) }));
`;

interface Parts {
  split: object;
  tune: object;
  predict: object;
  rest: object;
}

/** What one run of the pipeline came to, and what it took. */
interface Run {
  readonly redone: readonly Stage[];
  readonly asked: ReadonlySet<string>;
  readonly model: string;
}

let folder: string;
let engine: LocalEngine;
let base: Run;
const asked: FunctionName[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-resume-'));
  await writeFile(table(), csv);
  engine = startEngine({
    store: join(folder, 'store'),
    root: resolve('.'),
    mlflow: Promise.resolve(undefined),
    onAnswer: (name) => asked.push(name),
  });
  base = await run();
});

afterEach(() => writeFile(table(), csv));

afterAll(async () => {
  await engine?.close();
  await rm(folder, { recursive: true });
});

const table = () => join(folder, 'colors.csv');
const mapping = (source: string) => bringSource(engine.store, source);

let runs = 0;

/** Runs the pipeline with some of its parts changed. */
async function run(change: Partial<Parts> = {}): Promise<Run> {
  const spec = Spec.parse({
    name: 'colors',
    table: { path: table(), shards: 2 },
    target: 'hit',
    inputs: ['x', 'twice'],
    split: { features: await mapping(features('2 * x')), ...change.split },
    tune: {
      trials: 2,
      lanes: 1,
      scheduler: { kind: 'asha', min: 2, max: 4, eta: 2 },
      space: { learning_rate: { low: 0.05, high: 0.4 } },
      ...change.tune,
    },
    predict: {
      postprocess: await mapping(postprocess('Math.abs(p - 0.5)')),
      keep: ['id'],
      ...change.predict,
    },
    ...change.rest,
  });
  const before = await evaluations();
  asked.length = 0;
  const input = { spec: await putSpec(engine.store, spec), lanes: spec.tune.lanes ?? 1 };
  const answer = Object(await engine.run('pipeline', input, `run-${runs++}`));
  const busy = new Set<Stage>(asked.flatMap((name) => workers[name] ?? []));
  if ((await evaluations()) > before) busy.add('evaluate');
  const redone = stages.filter((stage) => busy.has(stage));
  return { redone, asked: new Set(asked), model: answer.tune.model };
}

const evaluations = async () => (await filesBelow(join(folder, 'store/evaluations'))).size;

test('a pipeline does all of its stages once', () => {
  expect(base.redone).toEqual(stages);
});

test('a finished pipeline that runs again only looks at what is there', async () => {
  const again = await run();
  const looks = ['plan-split', 'commit-split', 'prepare-study', 'conclude-study', 'plan-prediction'];
  expect([...again.asked].toSorted()).toEqual(
    [...looks, 'commit-prediction', 'evaluate', 'aggregate'].toSorted(),
  );
  expect(again).toMatchObject({ redone: [], model: base.model });
});

const space = { learning_rate: { low: 0.05, high: 0.3 } };

/** What depends on the change itself; another model is predicted and judged anew in any case. */
const changes: readonly (readonly [string, readonly Stage[], () => Promise<Partial<Parts>>])[] = [
  ['nothing but the time of the table', [], () => touched()],
  ['a byte of the table', stages, () => tableWith((text) => text.replace('0.919', '0.918'))],
  ['a row more in the table', stages, () => tableWith((text) => `${text}last,0.5,red,1\n`)],
  ['split.seed', stages, async () => ({ split: { seed: 1 } })],
  ['a line of features.ts', stages, async () => ({ split: { features: await mapping(features('3 * x')) } })],
  ['inputs', ['tune'], async () => ({ rest: { inputs: ['x'] } })],
  ['a bound of tune.space', ['tune'], async () => ({ tune: { space } })],
  ['tune.trials', ['tune'], async () => ({ tune: { trials: 3 } })],
  ['tune.scheduler.max', ['tune'], async () => ({ tune: { scheduler: { kind: 'none', max: 5 } } })],
  ['tune.lanes', [], async () => ({ tune: { lanes: 2 } })],
  ['predict.keep', ['predict', 'evaluate'], async () => ({ predict: { keep: ['x'] } })],
  ['predict.format', ['predict', 'evaluate'], async () => ({ predict: { format: 'csv' } })],
  [
    'a line of postprocess.ts',
    ['predict', 'evaluate'],
    async () => ({ predict: { postprocess: await mapping(postprocess('Math.max(p, 1 - p)')) } }),
  ],
  ['model.margin', ['evaluate'], async () => ({ rest: { model: { name: 'colors', margin: 0.01 } } })],
];

async function touched(): Promise<object> {
  await utimes(table(), 1, 1);
  return {};
}

async function tableWith(edit: (text: string) => string): Promise<object> {
  const changed = edit(csv);
  expect(changed).not.toBe(csv);
  await writeFile(table(), changed);
  return {};
}

describe('where there is another', () => {
  test.each(changes)('%s, exactly what depends on it is done again', async (_, depends, change) => {
    const { redone, model } = await run(await change());
    const expected = new Set<Stage>([
      ...depends,
      ...(model === base.model ? [] : (['predict', 'evaluate'] as const)),
    ]);
    expect(redone).toEqual(stages.filter((stage) => expected.has(stage)));
    expect((await run(await change())).redone).toEqual([]);
  });
});
