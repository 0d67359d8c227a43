import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { championOf, downloadModel, resolveModel } from '../../../core/tracking/registry.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';

const bytes = new Uint8Array([1, 2, 3]);
const digest = createHash('sha256').update(bytes).digest('hex');

/** Version 1 is ours; version 2 has no digest; version 3's file is not what was registered. */
async function registry(): Promise<FakeTracker> {
  const tracker = new FakeTracker();
  await tracker.createRegisteredModel('delay');
  for (const tags of [{ 'fanfare.digest': digest }, {}, { 'fanfare.digest': 'ab'.repeat(32) }]) {
    const model = await tracker.createModel({ experimentId: '1', name: 'delay', runId: 'run-1', tags });
    await tracker.uploadFile(model, 'model.onnx', bytes);
    await tracker.createVersion({ name: 'delay', modelId: model.id, runId: 'run-1', description: '', tags });
  }
  await tracker.setAlias('delay', 'champion', '1');
  return tracker;
}

describe('the registry', () => {
  it('resolves an alias and a version number', async () => {
    const tracker = await registry();
    const first = { name: 'delay', version: '1', digest, source: 'models:/m-1' };
    expect(await resolveModel(tracker, 'models:/delay@champion')).toEqual(first);
    expect(await resolveModel(tracker, 'models:/delay/1')).toEqual(first);
    expect(await championOf(tracker, 'delay', 'champion')).toEqual(first);
    expect(await resolveModel(tracker, 'models:/delay/2')).toMatchObject({ version: '2', digest: undefined });
  });

  it.each([
    ['models:/delay/9', 'versions 1, 2, 3; aliases @champion (version 1)'],
    ['models:/delay@best', 'versions 1, 2, 3; aliases @champion (version 1)'],
    ['models:/none@best', 'MLflow has no registered model none'],
  ])('says what there is in place of %s', async (uri, known) => {
    const missing = resolveModel(await registry(), uri);
    await expect(missing).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringContaining(known),
    });
  });

  it.each(['delay', 'models:/delay', 'models:/a/b/c', 'models:/delay@', 'runs:/1/model'])(
    'refuses %s',
    async (uri) => {
      await expect(resolveModel(await registry(), uri)).rejects.toMatchObject({ name: 'InvalidSpec' });
    },
  );

  it('downloads the file with its digest, whether that was registered or not', async () => {
    const tracker = await registry();
    expect(await downloadModel(tracker, 'delay', 'champion')).toEqual({
      version: '1',
      bytes,
      digest,
      columns: null,
    });
    expect(await downloadModel(tracker, 'delay', '2')).toEqual({
      version: '2',
      bytes,
      digest,
      columns: null,
    });
  });

  it('refuses a file that is not what was registered', async () => {
    const changed = downloadModel(await registry(), 'delay', '3');
    await expect(changed).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringContaining(digest),
    });
  });

  it('says so where a version holds no ONNX file', async () => {
    const tracker = await registry();
    tracker.models[0]?.files.delete('model.onnx');
    await expect(downloadModel(tracker, 'delay', '1')).rejects.toThrow(
      'version 1 of delay (models:/m-1) has no file model.onnx',
    );
  });
});
