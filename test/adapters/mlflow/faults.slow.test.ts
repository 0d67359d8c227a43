import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMlflow } from '../../../adapters/mlflow/client.ts';
import { mlflowTracker } from '../../../adapters/mlflow/tracker.ts';
import { stream } from '../../../core/chance.ts';
import type { Tracker } from '../../../core/tracking/tracker.ts';
import type { MlflowServer } from '../../../local/mlflow-server.ts';
import { startMlflow } from '../../../local/mlflow-server.ts';
import { type Fault, faults, faultyProxy } from '../../support/faulty-proxy.ts';
import { pipelineOf, recordBeginning, recordPipeline } from '../../support/mlflow-pipeline.ts';
import { startMlflow2 } from '../../support/mlflow-servers.ts';
import { wholeRecord } from '../../support/whole-record.ts';

/** How long a caller waits: far longer than the server needs, but for what the proxy holds back. */
const patience = 2000;
const seeds = Number(process.env.FANFARE_TEST_SEEDS ?? 2);
const model = new Uint8Array([1, 2, 3]);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-faults-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** As the flow's recorder does: again after each failure, from the beginning. Gives how often it failed. */
async function insist(tracker: Tracker, record: (tracker: Tracker) => Promise<unknown>): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await record(tracker);
      return failures;
    } catch (error) {
      if (failures === 100) throw error;
    }
  }
}

describe.each<[string, () => Promise<MlflowServer>]>([
  ['the pinned MLflow', () => startMlflow({ venv: resolve('.venv'), folder: join(folder, '3') })],
  ['MLflow 2.22', () => startMlflow2(join(folder, '2'))],
])('%s behind a line that fails', (_, start) => {
  let server: MlflowServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server?.close();
  });

  it('holds nothing twice and misses nothing', async () => {
    const calm = pipelineOf('calm', model);
    const direct = mlflowTracker(connectMlflow({ uri: server.uri }));
    await recordBeginning(direct, calm);
    await recordPipeline(direct, calm);
    const expected = await wholeRecord(server.uri, 'calm');
    const met = new Map<Fault, number>();
    let failures = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const name = `stormy${seed}`;
      const random = stream(`faults ${seed}`);
      const plan = () => (random() < 0.25 ? faults[Math.floor(random() * faults.length)] : undefined);
      const proxy = await faultyProxy(server.uri, plan, { patience });
      const tracker = mlflowTracker(connectMlflow({ uri: proxy.uri, timeoutMs: patience, retries: 2 }));
      const stormy = pipelineOf(name, model);
      failures += await insist(tracker, (tracker) => recordBeginning(tracker, stormy));
      failures += await insist(tracker, (tracker) => recordPipeline(tracker, stormy));
      await proxy.heal();
      // What was done late is found by the next look, as the recorder of a flow has it.
      await recordPipeline(tracker, stormy);
      expect(await wholeRecord(server.uri, name), `seed ${seed}`).toEqual(expected);
      for (const [fault, count] of proxy.met) met.set(fault, (met.get(fault) ?? 0) + count);
      await proxy.close();
    }
    // Each of them befell some call, and calls were given up.
    expect([...met.keys()].toSorted()).toEqual(faults.toSorted());
    expect(failures).toBeGreaterThan(0);
  });

  it('is asked with a bearer’s token, and says what is missing without', async () => {
    const proxy = await faultyProxy(server.uri, () => undefined, { patience, token: 'secret' });
    const tracker = mlflowTracker(connectMlflow({ uri: proxy.uri, token: 'secret' }));
    expect((await recordPipeline(tracker, pipelineOf('borne', model))).registered.version).toBe('1');
    for (const [given, reason] of [
      [{}, 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN'],
      [{ token: 'other' }, 'it does not take MLFLOW_TRACKING_TOKEN'],
    ] as const) {
      const refused = mlflowTracker(connectMlflow({ uri: proxy.uri, ...given })).experiment('borne');
      await expect(refused).rejects.toThrow(reason);
    }
    await proxy.close();
  });
});
