import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, documentOf, filesBelow, openDesk, refusal } from '../support/cli.ts';

let desk: Desk;
let spec: string;
const env = { FANFARE_PYTHON: resolve('.venv/bin/python') };

beforeAll(async () => {
  desk = await openDesk();
  const example = await readFile('examples/python-trainable/rain.yaml', 'utf8');
  const small = example
    .replace('../../node_modules', resolve('node_modules'))
    .replace('trials: 6', 'trials: 2')
    .replace('min: 10, max: 90', 'min: 10, max: 30');
  spec = await desk.write('rain.yaml', small);
  await desk.write('random-forest.py', await readFile('examples/python-trainable/random-forest.py', 'utf8'));
});
afterAll(() => desk.clear());

interface Document {
  readonly evaluation: { readonly log_loss: number };
  readonly tune: { readonly resource: string; readonly best: { readonly resource: number } };
  readonly files: Readonly<Record<string, string>>;
}

test('the example in Python tunes a forest of scikit-learn, and predicts better than a guess by the share of rain', async () => {
  const document = documentOf(await desk.run(['pipeline', spec, '--json', '--no-mlflow'], env)) as Document;
  // It rained on 641 of the 1,461 days: who says 0.4387 each day has a log loss of 0.6856.
  expect(document.evaluation.log_loss).toBeLessThan(0.6);
  expect(document.tune).toMatchObject({ resource: 'trees', best: { resource: 30 } });
  const names = [...(await filesBelow(desk.home)).keys()];
  expect(names.filter((name) => /store\/calls\//.test(name))).toEqual([]);
  expect(names.filter((name) => /store\/code\/[0-9a-f]{64}\.py$/.test(name))).toHaveLength(1);
});

test('a mistake in it is told by its line, an interpreter without its packages by their name', async () => {
  const source = await readFile('examples/python-trainable/random-forest.py', 'utf8');
  await desk.write(
    'random-forest.py',
    source.replace('    for trees in', '    raise ValueError("no")\n    for trees in'),
  );
  const { stderr } = await desk.run(['tune', spec, '--no-mlflow'], env);
  expect(stderr).toMatch(
    /2 of 2 trials failed.*TrainableFailed: python:[0-9a-f]{12}: ValueError: no \(random-forest.py:23\)/,
  );
  const away = await desk.run(['tune', spec, '--no-mlflow'], { FANFARE_PYTHON: '/no/such/python' });
  expect(refusal(away)).toContain('FANFARE_PYTHON names an interpreter that has what the trainable imports');
});
