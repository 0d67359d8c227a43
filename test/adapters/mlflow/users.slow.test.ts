import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectMlflow, type MlflowOptions } from '../../../adapters/mlflow/client.ts';
import { mlflowTracker } from '../../../adapters/mlflow/tracker.ts';
import { recordStudy } from '../../../core/tracking/record-study.ts';
import type { MlflowServer } from '../../../local/mlflow-server.ts';
import { startMlflowWithUsers } from '../../support/mlflow-servers.ts';
import * as examples from '../../support/tracking-examples.ts';

let folder = '';
let server: MlflowServer;
const admin = { username: 'admin', password: 'a-long-password' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-users-'));
  server = await startMlflowWithUsers(folder);
  const authorization = `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}`;
  const made = await fetch(`${server.uri}/api/2.0/mlflow/users/create`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'reader', password: 'another-password' }),
  });
  expect(made.status).toBe(200);
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

const connect = (given: Partial<MlflowOptions>) =>
  mlflowTracker(connectMlflow({ uri: server.uri, ...given }));

it('records for a user whom the server knows', async () => {
  const { study, trials } = examples;
  const given = { study: { ...study, experiment: 'mine' }, dataset: undefined, conclusion: undefined };
  const { trialRuns } = await recordStudy(connect(admin), { ...given, trials: trials.slice(0, 1) });
  expect(Object.keys(trialRuns)).toEqual(['0']);
});

it.each<[string, Partial<MlflowOptions>, string]>([
  ['nobody', {}, 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD'],
  ['a user without a password', { username: 'admin' }, 'MLFLOW_TRACKING_PASSWORD is not'],
  [
    'a wrong password',
    { ...admin, password: 'nope' },
    'it does not take MLFLOW_TRACKING_PASSWORD for the user admin',
  ],
])('tells %s what is missing', async (_, given, reason) => {
  const failed = connect(given).experiment('mine');
  await expect(failed).rejects.toThrow('it answered 401');
  await expect(failed).rejects.toThrow(reason);
});

it('tells a user who may only read that it is not the password', async () => {
  const reader = connect({ username: 'reader', password: 'another-password' });
  const experimentId = await reader.experiment('mine');
  const failed = reader.createRun({ experimentId, name: 'r', startedAt: 1, tags: {} });
  await expect(failed).rejects.toThrow(
    /it answered 403: Permission denied .*the user reader lacks the permission/,
  );
});
