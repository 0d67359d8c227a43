import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, documentOf, openDesk, refusal } from '../support/cli.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.clear());

interface Document {
  readonly evaluation: { readonly f1: number };
  readonly best: { readonly params: Readonly<Record<string, unknown>> };
  readonly files: Readonly<Record<string, string>>;
}

test('the example chooses a model and a threshold, and the one it made predicts as well on the test side', async () => {
  const args = ['pipeline', 'examples/existing-models/rain.yaml', '--json', '--no-mlflow'];
  const document = documentOf(await desk.run(args)) as Document;
  // It rained on 641 of the 1,461 days: who says rain each day has an F1 of 0.61.
  expect(document.evaluation.f1).toBeGreaterThan(0.65);
  expect(document.files.model).toMatch(/^models\/[0-9a-f]{64}\.onnx$/);
});

test('a candidate that is not there is named', async () => {
  const spec = await desk.write(
    'gone.yaml',
    `name: gone
table: ${process.cwd()}/node_modules/vega-datasets/data/seattle-weather.csv
target: { column: weather, equals: rain }
tune: { trainable: onnx, trials: 1, scheduler: { kind: none, max: 1 }, space: { model: ./gone.onnx } }
`,
  );
  expect(refusal(await desk.run(['tune', spec, '--no-mlflow']))).toContain(
    'gone.onnx: there is no such file',
  );
});
