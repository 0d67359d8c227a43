import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, documentOf, filesBelow, objectsBelow, openDesk, until } from '../support/cli.ts';
import { colorRows, csvOf } from '../support/colors.ts';

const rows = 6000;
let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  // Every fifth number is missing, and every seventh colour.
  const [head = '', ...lines] = csvOf(colorRows(rows), ['x', 'color', 'when', 'hit'])
    .replaceAll('"two\nlines"', 'lines')
    .trimEnd()
    .split('\n');
  const color = /("[^"]*""[^"]*"|"[^"]*"|[^",]*)/.source;
  const spoilt = lines.map((line, row) => {
    const [, x = '', word = '', rest = ''] = new RegExp(`^([^,]*),${color},(.*)$`).exec(line)!;
    return [row % 5 === 0 ? '' : x, row % 7 === 0 ? '' : word, rest].join(',');
  });
  await desk.write('colors.csv', `${[head, ...spoilt].join('\n')}\n`);
});

afterAll(() => desk?.clear());

const specOf = (target: unknown, space: object) =>
  JSON.stringify({
    name: 'net',
    table: { path: 'colors.csv', shards: 2 },
    target,
    tune: {
      trainable: 'mlp',
      trials: 3,
      lanes: 1,
      sampler: 'random',
      space: {
        hidden_layer_sizes: ['32,16', 48],
        learning_rate_init: { low: 0.002, high: 0.02, log: true },
        batch_size: [32, 64],
        ...space,
      },
    },
  });

interface Document {
  readonly tune: {
    readonly trials: number;
    readonly failed: number;
    readonly best: { readonly value: number };
  };
  readonly predict: { readonly rows: { readonly predicted: number; readonly rejected: number } };
  readonly evaluation: Readonly<Record<string, number>>;
  readonly files: Readonly<Record<string, string>>;
}

const pipeline = async (spec: string, home: string) =>
  documentOf(
    await desk.run(['pipeline', spec, '--json', '--no-mlflow', '--home', desk.path(home)]),
  ) as Document;

describe('networks over a table with categories, times and missing values', () => {
  const space = { dropout: [0, 0.2], schedule: ['cosine', 'step'] };

  test('are tuned, exported and predicted with; killed while they train they come to the very same model', async () => {
    const spec = await desk.write('hits.yaml', specOf('hit', space));
    const whole = await pipeline(spec, 'whole');
    expect(whole.tune).toMatchObject({ trials: 3, failed: 0 });
    // Nine rows of ten can be told by their number and colour, where these are not missing.
    expect(whole.evaluation.auc).toBeGreaterThan(0.8);

    const home = desk.path('killed');
    const running = desk.start(['tune', spec, '--json', '--no-mlflow', '--home', home]);
    await until(async () => {
      const told = [...(await filesBelow(join(home, 'store/studies'))).keys()];
      return told.some((name) => name.includes('/events/')) || undefined;
    });
    running.child.kill('SIGKILL');
    await running.ended;
    const killed = await pipeline(spec, 'killed');
    expect(killed.files.model).toBe(whole.files.model);
    expect(killed.evaluation).toEqual(whole.evaluation);
    const epochs = (
      (await objectsBelow(join(home, 'store/studies'), '/study.json')) as { resource: string }[]
    ).map(({ resource }) => resource);
    expect(epochs).toEqual(['epochs']);
  });

  test('predict a quantity, and one of many words', async () => {
    const number = await pipeline(
      await desk.write('x.yaml', specOf({ column: 'x', task: 'regression' }, {})),
      'x',
    );
    // x is even between 0 and 1: who says one half each time has 0.289; the label tells about half of it.
    expect(number.evaluation.rmse).toBeLessThan(0.27);
    const word = await pipeline(await desk.write('color.yaml', specOf('color', {})), 'color');
    expect(word.tune).toMatchObject({ failed: 0 });
    expect(word.files.model).toMatch(/^models\/[0-9a-f]{64}\.onnx$/);
  });
});
