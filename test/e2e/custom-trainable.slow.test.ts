import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, documentOf, filesBelow, openDesk, refusal } from '../support/cli.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.clear());

interface Document {
  readonly evaluation: { readonly log_loss: number };
  readonly files: Readonly<Record<string, string>>;
}

test('the example tunes a logistic regression of its own, and predicts better than a guess by the share of rain', async () => {
  const args = ['pipeline', 'examples/custom-trainable/rain.yaml', '--json', '--no-mlflow'];
  const document = documentOf(await desk.run(args)) as Document;
  // It rained on 641 of the 1,461 days: who says 0.4387 each day has a log loss of 0.6856.
  expect(document.evaluation.log_loss).toBeLessThan(0.6);
  expect(document.files.model).toMatch(/^models\/[0-9a-f]{64}\.onnx$/);

  const before = await filesBelow(desk.home);
  expect((documentOf(await desk.run(args)) as Document).files).toEqual(document.files);
  const written = [...(await filesBelow(desk.home))].filter(([name, at]) => before.get(name) !== at);
  expect(
    written
      .map(([name]) => name)
      .filter((name) => /\/(studies|datasets|predictions|code|models)\//.test(name)),
  ).toEqual([]);
});

const spec = (more = '') => `name: mine
table: ${resolve('node_modules/vega-datasets/data/seattle-weather.csv')}
target: { column: weather, equals: rain }
tune:
  trainable: ./mine.ts
  metric: { name: score, mode: max }
  trials: 2
  scheduler: { kind: none, max: 3 }
  space: { a: { low: 0, high: 1 } }
${more}`;

const mine = (body = '') => `import { defineTrainable } from 'fanfare';

export default defineTrainable<{ a: number }>({
  async *train({ params, from, until }) {
    for (let step = from.resource + 1; step <= until; step++) {
      ${body}
      yield { resource: step, value: params.a, checkpoint: () => new Uint8Array(0) };
    }
  },
});
`;

describe('a trainable without a model', () => {
  test('is tuned to a good end; a changed line of it is another study of the same dataset', async () => {
    const file = await desk.write('mine.yaml', spec());
    await desk.write('mine.ts', mine());
    const first = documentOf(await desk.run(['tune', file, '--json', '--no-mlflow'])) as Document;
    expect(first.files.model).toBeUndefined();
    const text = await desk.run(['tune', file, '--no-mlflow']);
    expect(text.stdout).toContain('none: the trainable reported none');
    expect(text.stdout).toContain('3 steps');

    await desk.write('mine.ts', mine('const more = 1;'));
    const second = documentOf(await desk.run(['tune', file, '--json', '--no-mlflow'])) as Document;
    expect(second.files.dataset).toBe(first.files.dataset);
    expect(second.files.study).not.toBe(first.files.study);
  });

  test('has its pipeline end before the prediction, which is said', async () => {
    const file = await desk.write('mine.yaml', spec());
    await desk.write('mine.ts', mine());
    const told = refusal(await desk.run(['pipeline', file, '--no-mlflow']));
    expect(told).toContain('StudyFailed: the study is done, but the best trial has no model to predict with');
  });
});

describe('a mistake in user code is told by its own file and line:', () => {
  test('a syntax error, before anything is done', async () => {
    const file = await desk.write('broken.yaml', spec().replace('name: mine', 'name: broken'));
    await desk.write('mine.ts', mine('const x = ;'));
    const told = refusal(await desk.run(['tune', file, '--no-mlflow']));
    expect(told).toBe(`InvalidSpec: ${desk.path('mine.ts')}:6:17: Unexpected ";": const x = ;`);
    const names = [...(await filesBelow(desk.home)).keys()];
    expect(names.filter((name) => name.includes('broken'))).toEqual([]);
  });

  test('what it throws in the middle of every trial', async () => {
    const file = await desk.write('mine.yaml', spec());
    await desk.write('mine.ts', mine("if (step > 1) throw new RangeError('too large');"));
    const { code, stderr } = await desk.run(['tune', file, '--no-mlflow']);
    expect(code).toBe(1);
    const told =
      /^fanfare: StudyFailed: 2 of 2 trials failed.*: TrainableFailed: mine.ts:6:27: RangeError: too large$/m;
    expect(stderr).toMatch(told);
  });
});
