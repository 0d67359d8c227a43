import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startEngine } from '../../local/engine.ts';
import { processesAhead, startAhead } from '../../local/function-processes.ts';
import { putSpec, specOf } from '../support/step-world.ts';

test('a model that is named by its digest does not wait for MLflow, of which the process is told once it is up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-engine-'));
  let up: (uri: string) => void = () => {};
  const mlflow = new Promise<string>((answered) => {
    up = answered;
  });
  const engine = startEngine({ store: folder, root: resolve('.'), mlflow });
  try {
    const spec = await putSpec(engine.store, specOf({}));
    const digest = 'a'.repeat(64);
    const resolved = await engine.invoke('aggregate', { kind: 'resolve', spec, model: `sha256:${digest}` });
    expect(resolved).toMatchObject({ digest });

    const named = engine.invoke('aggregate', { kind: 'resolve', spec, model: 'models:/flights@champion' });
    up('http://127.0.0.1:1');
    await expect(named).rejects.toThrow(/127\.0\.0\.1:1/);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }
});

test('the first engine has the processes that were started before it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-engine-'));
  const workers = startAhead(resolve('.'), 'predict');
  const pids = workers.pids();
  expect(pids).toHaveLength(1);
  expect(processesAhead({ root: resolve('.'), limits: {} })).toBeUndefined();
  const engine = startEngine({ store: folder, root: resolve('.'), mlflow: Promise.resolve(undefined) });
  try {
    expect(processesAhead({ root: resolve('.') })).toBeUndefined();
    const model = `sha256:${'a'.repeat(64)}`;
    const spec = await putSpec(engine.store, specOf({}));
    await engine.invoke('aggregate', { kind: 'resolve', spec, model });
    expect(workers.pids()).toEqual(pids);
    await expect.poll(() => workers.peaks()).toHaveProperty('aggregate');
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }
  expect(workers.pids()).toEqual([]);
});
