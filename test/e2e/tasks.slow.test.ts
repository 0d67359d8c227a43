import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MlflowServer, startMlflow } from '../../local/mlflow-server.ts';
import { type Desk, documentOf, openDesk } from '../support/cli.ts';
import { mlflowRecord } from '../support/mlflow-record.ts';

interface Result {
  readonly split: { readonly test: number };
  readonly tune: {
    readonly metric: string;
    readonly best: { readonly metrics: Readonly<Record<string, number>> };
  };
  readonly registered: unknown;
  readonly predict: { readonly prediction: string; readonly predicted: number; readonly drift: object };
  readonly evaluation: Readonly<Record<string, number>> & {
    readonly metric: string;
    readonly champion: Readonly<Record<string, number>> | null;
  };
  readonly promotion: { readonly decision: string };
}

let desk: Desk;
let server: MlflowServer;

/** Python: trips whose means and price follow from distance and city, with weights; a table for all tests. */
const trips = `
import sys
import numpy as np, pandas as pd

draw = np.random.default_rng(5)
rows = 20_000
distance = draw.uniform(0, 90, rows).round(1)
city = draw.integers(0, 6, rows)
score = distance / 30 + (city == 2) * 0.8 + draw.uniform(0, 1, rows)
pd.DataFrame({
    "distance": np.where(draw.uniform(size=rows) < 0.05, np.nan, distance),
    "city": [f"C{each}" for each in city],
    "means": np.where(draw.uniform(size=rows) < 0.02, None, np.select([score < 1.2, score < 2.4], ["foot", "bus"], "train")),
    "price": distance * 0.3 + (city == 1) * 4.5 + draw.normal(0, 1, rows),
    "weight": draw.uniform(0.5, 2, rows).round(3),
}).to_parquet(sys.argv[1])
`;

/** Python: scikit-learn's metrics of the files of a prediction, and what the champion in MLflow predicts of the same rows. */
const again = `
import glob, json, sys, warnings
import mlflow, numpy as np, pandas as pd
from sklearn import metrics as sk

warnings.simplefilter("ignore")
uri, folder, kind = sys.argv[1:]
rows = pd.concat([pd.read_parquet(file) for file in sorted(glob.glob(f"{folder}/part-*.parquet"))], ignore_index=True)
model = mlflow.pyfunc.load_model(uri)
said = model.predict(rows[["distance", "city"]])
if kind == "classes":
    names = sorted(name for name in rows if name.startswith("probability_"))
    far = float(np.abs(rows[names].to_numpy() - said[names].to_numpy()).max())
    labels = int((rows["label"] != said["label"]).sum())
    known = rows[rows["means"].notna()]
    p = known[names].to_numpy(dtype=np.float64)
    w = known["weight"]
    p = np.clip(p, 2.0**-23, 1 - 2.0**-23)
    told = {
        "log_loss": sk.log_loss(known["means"], y_proba=p, sample_weight=w),
        "accuracy": sk.accuracy_score(known["means"], known["label"], sample_weight=w),
        "f1_macro": sk.f1_score(known["means"], known["label"], average="macro", sample_weight=w),
    }
else:
    far = float(np.abs(rows["prediction"] - said["prediction"]).max())
    labels = 0
    told = {
        "rmse": sk.root_mean_squared_error(rows["price"], rows["prediction"].astype(np.float64)),
        "mae": sk.mean_absolute_error(rows["price"], rows["prediction"].astype(np.float64)),
        "r2": sk.r2_score(rows["price"], rows["prediction"].astype(np.float64)),
    }
print(json.dumps({"far": far, "labels": labels, "rows": len(rows), "metrics": told}))
`;

const env = () => ({ MLFLOW_TRACKING_URI: server.uri, MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false' });

async function python(script: string, args: readonly string[]): Promise<string> {
  const options = { env: { ...process.env, ...(server && env()) } };
  const { stdout } = await promisify(execFile)(resolve('.venv/bin/python'), ['-c', script, ...args], options);
  return stdout.trim().split('\n').at(-1) ?? '';
}

const pipeline = async (name: string, spec: object): Promise<Result> => {
  const base = { name, table: 'trips.parquet', inputs: ['distance', 'city'], split: { seed: 3 } };
  const path = await desk.write(`${name}.yaml`, JSON.stringify({ ...base, ...spec }));
  return documentOf(await desk.run(['pipeline', path, '--json'], env())) as Result;
};

const judgedAgain = async ({ predict }: Result, name: string, kind: string) =>
  JSON.parse(
    await python(again, [
      `models:/${name}@champion`,
      desk.path(`home/store/predictions/${predict.prediction}`),
      kind,
    ]),
  );

beforeAll(async () => {
  desk = await openDesk();
  await python(trips, [desk.path('trips.parquet')]);
  server = await startMlflow({ venv: resolve('.venv'), folder: desk.path('mlflow') });
});

afterAll(async () => {
  await server?.close();
  await desk?.clear();
});

const tune = (more: object = {}) => ({
  trials: 3,
  scheduler: { kind: 'asha', min: 5, max: 20, eta: 4 },
  space: { learning_rate: { low: 0.1, high: 0.4 }, leaves: { low: 7, high: 31, integer: true } },
  ...more,
});

describe('fanfare pipeline over a target of several classes', () => {
  const spec = { target: 'means', columns: { weight: 'weight' } };
  let first: Result;
  beforeAll(async () => {
    first = await pipeline('means', { ...spec, tune: tune({ metrics: ['accuracy', 'f1_macro', 'auc'] }) });
  });

  it('tells every metric, which scikit-learn has of the same files, and its model predicts the same in Python', async () => {
    expect(first).toMatchObject({
      tune: {
        metric: 'log_loss',
        best: { metrics: { accuracy: expect.any(Number), auc: expect.any(Number) } },
      },
      registered: { name: 'means', version: '1', alias: 'champion' },
      evaluation: { metric: 'log_loss', champion: null },
    });
    const said = await judgedAgain(first, 'means', 'classes');
    expect(said).toMatchObject({ rows: first.split.test, labels: 0 });
    expect(said.far).toBeLessThan(1e-6);
    for (const [name, value] of Object.entries(said.metrics)) {
      expect(Math.abs(first.evaluation[name]! - Number(value)), name).toBeLessThan(1e-9);
    }
  });

  it('records the metrics of trials, of the study and of the evaluation', async () => {
    const mlflow = mlflowRecord(server.uri);
    const runs = await mlflow.runs('means');
    const trials = runs.filter(({ tags }) => tags['fanfare.kind'] === 'trial');
    expect(trials).toHaveLength(3);
    for (const { id } of trials) expect((await mlflow.history(id, 'f1_macro')).length).toBeGreaterThan(0);
    const [study] = runs.filter(({ tags }) => tags['fanfare.kind'] === 'study');
    expect(study!.params).toMatchObject({
      task: 'multiclass: bus, foot, train',
      metrics: 'log_loss, accuracy, f1_macro, auc',
    });
    const [evaluation] = runs.filter(({ tags }) => tags['fanfare.kind'] === 'evaluation');
    expect(await mlflow.history(evaluation!.id, 'test_mcc')).toEqual([[0, first.evaluation.mcc]]);
  });

  it('keeps the champion where a new model is worse by what is to be small', async () => {
    const worse = {
      trials: 1,
      scheduler: { kind: 'none', max: 2 },
      space: { leaves: 2, learning_rate: 0.05 },
    };
    const second = await pipeline('means', { ...spec, tune: worse });
    expect(second.evaluation.champion?.log_loss).toBe(first.evaluation.log_loss);
    expect(second.evaluation.log_loss).toBeGreaterThan(first.evaluation.log_loss!);
    expect(second.promotion.decision).toBe('kept');
  });
});

describe('fanfare pipeline over a target that is a quantity', () => {
  it('is judged by the root mean squared error, as scikit-learn has it, and says so', async () => {
    const result = await pipeline('price', { target: 'price', tune: tune({ metrics: ['mae', 'r2'] }) });
    expect(result).toMatchObject({
      tune: { metric: 'rmse' },
      evaluation: { metric: 'rmse', champion: null },
      promotion: { decision: 'promoted' },
    });
    const said = await judgedAgain(result, 'price', 'numbers');
    expect(said.rows).toBe(result.split.test);
    expect(said.far).toBeLessThan(1e-4);
    for (const [name, value] of Object.entries(said.metrics)) {
      expect(Math.abs(result.evaluation[name]! - Number(value)), name).toBeLessThan(1e-9);
    }
    const told = await desk.run(['pipeline', desk.path('price.yaml')], env());
    expect(told.stdout).toMatch(/validation rmse +\d+\.\d+\nand +mae \d+\.\d+ · r2 0\.\d+/);
    expect(told.stdout).toMatch(/test rmse +\d+\.\d+/);
  });

  it('is refused with a metric of classes before a trial is paid for', async () => {
    const path = await desk.write(
      'wrong.yaml',
      JSON.stringify({
        name: 'wrong',
        table: 'trips.parquet',
        target: 'price',
        tune: tune({ metric: 'auc' }),
      }),
    );
    const ended = await desk.run(['pipeline', path], env());
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(
      'tune.metric: auc does not fit: by column "price" what is predicted is regression; use rmse, mae, r2, quantile_loss',
    );
  });
});
