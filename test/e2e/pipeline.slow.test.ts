import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, startMlflow } from '../../local/mlflow-server.ts';
import { type Desk, documentOf, filesBelow, openDesk } from '../support/cli.ts';
import { flightsSpec, writeFlights } from '../support/flights.ts';
import { mlflowRecord } from '../support/mlflow-record.ts';

const exec = promisify(execFile);
const rows = 40_000;

interface Result {
  readonly split: { readonly train: number; readonly validation: number; readonly test: number };
  readonly tune: {
    readonly study: string;
    readonly trials: number;
    readonly best: { readonly value: number };
  };
  readonly registered: unknown;
  readonly predict: {
    readonly prediction: string;
    readonly rows: number;
    readonly predicted: number;
    readonly rejected: number;
  };
  readonly evaluation: { readonly auc: number; readonly champion: { readonly auc: number } | null };
  readonly seconds: Readonly<Record<string, number>>;
}

let desk: Desk;
let server: MlflowServer;
let first: Result;

const pipeline = async (spec: string): Promise<Result> => {
  const env = { MLFLOW_TRACKING_URI: server.uri };
  return documentOf(await desk.run(['pipeline', spec, '--json'], env)) as Result;
};

/** One configuration, trained at once to so many rounds: nothing hangs on which lane was quicker. */
const single = (rounds: number, learning_rate: number, leaves: number) => ({
  tune: { trials: 1, seed: 1, scheduler: { kind: 'none', max: rounds }, space: { learning_rate, leaves } },
});

beforeAll(async () => {
  desk = await openDesk();
  await writeFlights(desk.path('flights.parquet'), rows);
  server = await startMlflow({ venv: resolve('.venv'), folder: desk.path('mlflow') });
  first = await pipeline(await desk.write('flights.yaml', flightsSpec('flights.parquet')));
});

afterAll(async () => {
  await server?.close();
  await desk?.clear();
});

describe('fanfare pipeline', () => {
  it('goes from the table to a registered model and its predictions, in one document', () => {
    const { split } = first;
    expect(split.train + split.validation + split.test).toBe(rows);
    // 0.7, 0.15 and 0.15 of the rows; six standard deviations of a binomial are 550 and 430 of them.
    expect(Math.abs(split.train - 28_000)).toBeLessThan(550);
    expect(Math.abs(split.test - 6000)).toBeLessThan(430);
    expect(first).toMatchObject({
      tune: { trials: 6, metric: 'auc', best: { value: expect.any(Number), params: expect.any(Object) } },
      registered: { name: 'flight-delay', version: '1', alias: 'champion' },
      predict: { rows: split.test, predicted: split.test, rejected: 0 },
      evaluation: { auc: expect.any(Number), champion: null },
      seconds: { split: expect.any(Number), tune: expect.any(Number), predict: expect.any(Number) },
    });
  });

  it('leaves in MLflow what Python loads, which predicts and scores the same', async () => {
    const folder = join(desk.home, 'store/predictions', first.predict.prediction);
    const script = 'test/e2e/compare_champion.py';
    const { stdout } = await exec(
      join(resolve('.venv'), 'bin/python'),
      [script, 'models:/flight-delay@champion', folder, 'delay', '15'],
      {
        env: {
          ...process.env,
          MLFLOW_TRACKING_URI: server.uri,
          MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
        },
      },
    );
    const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(said).toMatchObject({ rows: first.split.test, labels: 0 });
    expect(said.difference).toBeLessThan(1e-6);
    expect(Math.abs(said.auc - first.evaluation.auc)).toBeLessThan(1e-9);
  });

  it('records a run of the study, one nested in it for each trial, and a version with both aliases', async () => {
    const mlflow = mlflowRecord(server.uri);
    const runs = await mlflow.runs('flights');
    const ofKind = (kind: string) => runs.filter(({ tags }) => tags['fanfare.kind'] === kind);
    const kinds = ['study', 'trial', 'prediction', 'evaluation'];
    expect(kinds.map((kind) => ofKind(kind).length)).toEqual([1, 6, 1, 1]);
    expect(runs.filter(({ status }) => status === 'RUNNING')).toEqual([]);
    const trials = ofKind('trial');
    expect(new Set(trials.map(({ tags }) => tags['mlflow.parentRunId']))).toEqual(
      new Set([ofKind('study')[0]?.id]),
    );
    for (const { params } of trials) {
      expect(Number(params.learning_rate)).toBeGreaterThanOrEqual(0.05);
      expect(Number(params.leaves)).toBeLessThanOrEqual(63);
    }
    const histories = await Promise.all(trials.map(({ id }) => mlflow.history(id, 'auc')));
    const ends = histories.map((points) => points.at(-1)?.[0] ?? 0);
    expect(new Set(ends)).toEqual(new Set([5, 15, 30]));
    // Reports come at every tenth of the last rung and at the ends of rungs.
    const steps = [3, 5, 6, 9, 12, 15, 18, 21, 24, 27, 30];
    const reported = histories.map((points) => points.map(([step]) => step));
    expect(reported).toEqual(ends.map((end) => steps.filter((step) => step <= end)));
    expect(histories.map((points) => points.at(-1)?.[1])).toContain(first.tune.best.value);
    expect(await mlflow.model('flight-delay')).toEqual({
      versions: ['1'],
      aliases: { champion: '1', challenger: '1' },
    });
  });

  it('does nothing twice when the same command runs again', async () => {
    const store = join(desk.home, 'store');
    const done = async () =>
      [...(await filesBelow(store))].filter(([file]) => !/^(specs|locks|pending)\//.test(file));
    const before = await done();
    const runs = await mlflowRecord(server.uri).runs('flights');
    const again = await pipeline(desk.path('flights.yaml'));
    const { seconds: _, peaks: _peaks, ...same } = first as Result & { readonly peaks: unknown };
    expect(again).toMatchObject(same);
    expect(await done()).toEqual(before);
    expect(await mlflowRecord(server.uri).runs('flights')).toEqual(runs);
    expect((await mlflowRecord(server.uri).model('flight-delay')).aliases.champion).toBe('1');
  });

  it('leaves the champion where a new model is worse on the same rows', async () => {
    const worse = flightsSpec('flights.parquet', single(2, 0.01, 3));
    const result = await pipeline(await desk.write('worse.yaml', worse));
    expect(result.evaluation.champion?.auc).toBe(first.evaluation.auc);
    expect(result.evaluation.auc).toBeLessThan(first.evaluation.auc);
    expect(result).toMatchObject({ registered: { version: '2', alias: 'challenger' }, split: first.split });
    expect(await mlflowRecord(server.uri).model('flight-delay')).toEqual({
      versions: ['1', '2'],
      aliases: { champion: '1', challenger: '2' },
    });
  });

  it('moves the champion to a new model that is better on the same rows', async () => {
    const better = flightsSpec('flights.parquet', single(100, 0.15, 31));
    const result = await pipeline(await desk.write('better.yaml', better));
    expect(result.evaluation.champion?.auc).toBe(first.evaluation.auc);
    expect(result.evaluation.auc).toBeGreaterThan(first.evaluation.auc);
    expect(result).toMatchObject({ registered: { version: '3', alias: 'champion' }, split: first.split });
    expect((await mlflowRecord(server.uri).model('flight-delay')).aliases.champion).toBe('3');
  });
});
