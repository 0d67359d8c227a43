import { describe, expect, test } from 'vitest';
import { specLimitBytes } from '../../../core/contracts/uploads.ts';
import { decodeJson } from '../../../core/store.ts';
import { binding, bucket, spec } from '../../support/upload-bucket.ts';

describe('an upload that cannot be understood', () => {
  const bad: readonly (readonly [string, string, string | Uint8Array, string])[] = [
    ['broken YAML', 'uploads/a.yaml', 'name: [', 'uploads/a.yaml:1:'],
    ['an unknown key', 'uploads/a.yaml', spec('trails: 3\n'), 'uploads/a.yaml:4:1: unknown key "trails"'],
    ['no table', 'uploads/a.yaml', spec().replace(/table.*\n/, ''), 'table: '],
    [
      'code of its own',
      'uploads/a.yaml',
      spec().replace('tune:', 'tune:\n  trainable: ./mine.ts'),
      'user code ./mine.ts: only code that was brought by the CLI may be named here: code:<digest>',
    ],
    [
      'code that was never brought',
      'uploads/a.yaml',
      spec().replace('tune:', `tune:\n  trainable: code:${'0'.repeat(64)}`),
      `there is no code/${'0'.repeat(64)}.mjs`,
    ],
    [
      'a trainable that there is not',
      'uploads/a.yaml',
      spec().replace('tune:', 'tune:\n  trainable: xgboost'),
      'mlp or onnx, or name your own by a path',
    ],
    [
      'a value of its own for gbdt',
      'uploads/a.yaml',
      spec().replace('tune:', 'tune:\n  metric: { name: profit, mode: max }'),
      'tune.metric: gbdt is judged by its predictions: auc, average_precision, log_loss',
    ],
    [
      'a metric that there is not',
      'uploads/a.yaml',
      spec().replace('tune:', 'tune:\n  metric: gini'),
      'tune.metric: use auc, average_precision, log_loss',
    ],
    ['a parameter that gbdt has not', 'uploads/a.yaml', spec().replace('leaves', 'leafs'), 'leafs'],
    [
      'a table that is not there',
      'uploads/a.yaml',
      spec().replace('customers', 'gone'),
      "at 's3://b/uploads/gone.csv'",
    ],
    ['an absolute path', 'uploads/a.yaml', spec().replace('customers', '/home/ada/c'), 'absolute path'],
    ['a file: address', 'uploads/a.yaml', spec().replace('customers', 'file:///home/c'), 'file: address'],
    [
      'a path out of the bucket',
      'uploads/a.yaml',
      spec().replace('customers', '../../c'),
      'out of the bucket',
    ],
    ['nothing in it', 'uploads/a.yaml', '', 'uploads/a.yaml:1'],
    ['bytes that are no text', 'uploads/a.yaml', new Uint8Array([0xff, 0xfe, 0x00]), 'UTF-8'],
    ['too many bytes', 'uploads/a.yaml', ' '.repeat(specLimitBytes + 1), 'at most 1048576'],
    ['a table compressed as a whole', 'uploads/churn/a.csv.zst', 'x', 'compressed as a whole'],
    ['a table of a format unknown', 'uploads/churn/a.xlsx', 'x', 'Known are'],
  ];

  test.each(bad)('with %s is answered beside it, and starts nothing', async (_, key, body, reason) => {
    const { store, starts, upload, receive } = bucket([binding]);
    await upload('uploads/customers.csv', 'x');
    const answer = await receive(await upload(key, body));
    expect(answer).toMatchObject({ refused: key, reason: expect.stringContaining(reason) });
    expect(starts).toEqual([]);
    const written = decodeJson((await store.get(`${key}.error.json`))!.body);
    expect(written).toMatchObject({ upload: key, error: expect.any(String) });
    expect(JSON.stringify(written)).toContain(JSON.stringify(reason).slice(1, -1));
  });

  test('is told all of its mistakes at once, with their lines', async () => {
    const { store, upload, receive } = bucket();
    const text = spec('trails: 3\n').replace('name: churn', 'name: My Churn');
    await receive(await upload('uploads/a.yaml', text));
    const { mistakes } = decodeJson((await store.get('uploads/a.yaml.error.json'))!.body) as {
      readonly mistakes: readonly string[];
    };
    expect(mistakes.map((mistake) => mistake.slice(0, 'uploads/a.yaml:1'.length))).toEqual([
      'uploads/a.yaml:1',
      'uploads/a.yaml:4',
    ]);
  });

  test('has its answer taken away once it is mended', async () => {
    const { store, starts, upload, receive } = bucket();
    await receive(await upload('uploads/a.yaml', spec(), 'v1'));
    expect(await store.head('uploads/a.yaml.error.json')).toBeDefined();
    await upload('uploads/customers.csv', 'x');
    await receive(await upload('uploads/a.yaml', spec(), 'v2'));
    expect(await store.head('uploads/a.yaml.error.json')).toBeUndefined();
    expect(starts).toHaveLength(1);
  });
});
