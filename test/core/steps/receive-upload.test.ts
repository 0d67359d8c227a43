import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { PredictionSpec, Spec } from '../../../core/contracts/spec.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { receiveUpload, type UploadPorts } from '../../../core/steps/receive-upload.ts';
import { binding, bucket, eventOf, type Start, spec } from '../../support/upload-bucket.ts';

async function specOf(store: UploadPorts['store'], start: Start): Promise<Spec> {
  return readObject(store, specKey(start), Spec);
}

const predictionOf = async (store: UploadPorts['store'], start: Start): Promise<PredictionSpec> =>
  readObject(store, specKey(start), PredictionSpec);

const specKey = ({ input }: Start): string => keys.spec((input as { readonly spec: string }).spec);

describe('a specification that is uploaded', () => {
  test('starts the pipeline over the table that lies beside it', async () => {
    const { store, starts, upload, receive } = bucket();
    await upload('uploads/ada/customers.csv', 'x');
    const answer = await receive(await upload('uploads/ada/churn.yaml', spec()));
    const [start] = starts;
    expect(start).toMatchObject({ flow: 'pipeline', input: { lanes: 4 } });
    expect(start?.name).toMatch(/^churn-[0-9a-f]{20}$/);
    expect(answer).toMatchObject({ started: true, flow: 'pipeline', execution: start?.name });
    expect((await specOf(store, start!)).table.path).toBe('s3://b/uploads/ada/customers.csv');
  });

  test.each([
    ['uploads/split/churn.yaml', 'split', ['spec']],
    ['uploads/split/of/2026/churn.yml', 'split', ['spec']],
    ['uploads/predict/churn.yaml', 'predict', ['spec', 'model', 'dataset']],
    ['uploads/churn.json', 'pipeline', ['spec', 'lanes']],
  ])('at %s starts %s', async (key, flow, input) => {
    const { starts, upload, receive } = bucket();
    await upload(key.replace(/[^/]+$/, 'customers.csv'), 'x');
    await receive(await upload(key, spec()));
    expect(starts.map((start) => [start.flow, Object.keys(start.input as object)])).toEqual([[flow, input]]);
  });

  test.each([
    ['../tables/customers.csv', 's3://b/uploads/tables/customers.csv'],
    ['./customers.csv', 's3://b/uploads/ada/customers.csv'],
    ['s3://b/tables/customers.csv', 's3://b/tables/customers.csv'],
  ])('names a table as %s', async (path, uri) => {
    const { store, starts, upload, receive } = bucket();
    await upload(uri.replace('s3://b/', ''), 'x');
    await receive(await upload('uploads/ada/churn.yaml', spec().replace('customers.csv', path)));
    expect((await specOf(store, starts[0]!)).table.path).toBe(uri);
  });

  test('of predictions alone needs no search', async () => {
    const { store, starts, upload, receive } = bucket();
    await upload('uploads/predict/new.csv', 'x');
    const text = 'name: churn\ntable: new.csv\npredict: { model: "models:/churn@champion" }\n';
    await receive(await upload('uploads/predict/new.yaml', text));
    expect(starts).toMatchObject([{ flow: 'predict', input: { model: null, dataset: null } }]);
    expect((await predictionOf(store, starts[0]!)).table.path).toBe('s3://b/uploads/predict/new.csv');
  });

  test('has the lanes that it asks for', async () => {
    const { starts, upload, receive } = bucket();
    await upload('uploads/customers.csv', 'x');
    await receive(await upload('uploads/churn.yaml', spec().replace('trials: 4', 'trials: 4\n  lanes: 2')));
    expect(starts[0]?.input).toMatchObject({ lanes: 2 });
  });
});

describe('a table that is uploaded', () => {
  test('below a bound folder is predicted with the model of the folder', async () => {
    const { store, starts, upload, receive } = bucket([{ ...binding, keep: ['id'], experiment: 'e' }]);
    await receive(await upload('uploads/churn/june/New rows.csv', 'x'));
    expect(starts).toMatchObject([{ flow: 'predict', input: { model: null, dataset: null } }]);
    expect(await predictionOf(store, starts[0]!)).toMatchObject({
      name: 'churn',
      table: { path: 's3://b/uploads/churn/june/New rows.csv' },
      predict: { model: 'models:/churn@champion', format: 'csv', keep: ['id'], tolerance: { share: 0 } },
      experiment: 'e',
    });
  });

  test('belongs to the longest of the folders that are bound', async () => {
    const inner = { ...binding, prefix: 'uploads/churn/vip/', model: 'models:/vip/3' };
    const { store, starts, upload, receive } = bucket([binding, inner]);
    await receive(await upload('uploads/churn/vip/a.parquet', 'x'));
    expect((await predictionOf(store, starts[0]!)).predict.model).toBe('models:/vip/3');
  });

  test('anywhere else waits for a specification that names it', async () => {
    const { store, starts, upload, receive } = bucket([binding]);
    expect(await receive(await upload('uploads/customers.csv', 'x'))).toHaveProperty('ignored');
    expect(starts).toEqual([]);
    expect(await store.head('uploads/customers.csv.error.json')).toBeUndefined();
  });
});

describe('an event', () => {
  test('that comes twice starts one execution', async () => {
    const { starts, upload, receive } = bucket([binding]);
    const event = await upload('uploads/churn/a.csv', 'x');
    expect(await receive(event)).toMatchObject({ started: true });
    expect(await receive(event)).toMatchObject({ started: false, execution: starts[0]?.name });
    expect(starts).toHaveLength(1);
  });

  test('of an older version that comes late starts nothing', async () => {
    const { starts, upload, receive } = bucket([binding]);
    const older = await upload('uploads/churn/a.csv', 'old', 'v1');
    const newer = await upload('uploads/churn/a.csv', 'new', 'v2');
    await receive(newer);
    expect(await receive(older)).toEqual({ ignored: 'a newer version is there' });
    expect(starts).toHaveLength(1);
  });

  test('of the same bytes uploaded anew starts again: a person asked for it', async () => {
    const { starts, upload, receive } = bucket([binding]);
    await receive(await upload('uploads/churn/a.csv', 'x', 'v1'));
    await receive(await upload('uploads/churn/a.csv', 'x', 'v2'));
    expect(new Set(starts.map(({ name }) => name)).size).toBe(2);
  });

  test('of an object that is gone starts nothing', async () => {
    const { store, starts, upload, receive } = bucket([binding]);
    const event = await upload('uploads/churn/a.csv', 'x');
    await store.delete('uploads/churn/a.csv');
    expect(await receive(event)).toEqual({ ignored: 'it is not there any more' });
    expect(starts).toEqual([]);
  });

  test.each(['uploads%2Fchurn%2Fnew+rows%2B1.csv', 'uploads/churn/new%20rows%2B1.csv'])(
    'with the encoded key %s is of the object that it means',
    async (encoded) => {
      const { starts, upload, receive } = bucket([binding]);
      const event = await upload('uploads/churn/new rows+1.csv', 'x');
      await receive(eventOf(encoded, event.detail.object.etag!, 'v1'));
      expect(starts).toHaveLength(1);
    },
  );

  test('with a key that only looks encoded is of the object that has it', async () => {
    const { store, starts, upload, receive } = bucket([binding]);
    await receive(await upload('uploads/churn/100%25.csv', 'x'));
    const { table } = await predictionOf(store, starts[0]!);
    expect(table.path).toBe('s3://b/uploads/churn/100%25.csv');
  });

  test.each([
    'uploads/ada/bad.yaml.error.json',
    'uploads/churn/a.csv.error.json',
    'predictions/p/part-00000.csv',
    'specs/0.json',
    'uploads/churn/',
    'uploads/churn/.hidden.csv',
    'uploads/churn/_SUCCESS',
  ])('of %s, which nobody uploaded to start something, starts and answers nothing', async (key) => {
    const { store, starts, upload, receive } = bucket([binding]);
    expect(await receive(await upload(key, 'x'))).toHaveProperty('ignored');
    expect(starts).toEqual([]);
    expect(await store.head(`${key}.error.json`)).toBeUndefined();
  });

  test('fails where Step Functions does: it comes again', async () => {
    const { ports, upload } = bucket([binding]);
    const event = await upload('uploads/churn/a.csv', 'x');
    const startFlow = () => Promise.reject(new Error('ThrottlingException'));
    await expect(receiveUpload(event, { ...ports, startFlow })).rejects.toThrow('ThrottlingException');
  });
});
