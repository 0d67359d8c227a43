import { Described, type DescribedColumn } from '../core/contracts/described.ts';
import type { FlowName } from '../core/contracts/functions.ts';
import type { MapSpec, PredictionSpec, Spec } from '../core/contracts/spec.ts';
import type { Json } from '../core/json.ts';
import { findObject } from '../core/steps/objects.ts';
import { listPending } from '../core/steps/pending.ts';
import { PipelineAnswer, PredictAnswer, SplitAnswer, TuneAnswer } from './answers.ts';
import { changedSearch } from './changed-search.ts';
import {
  evaluated,
  filesOf,
  type JobDocument,
  type MapDocument,
  type PipelineDocument,
  type PredictDocument,
  predicted,
  type Ran,
  type Recorded,
  registered,
  type SplitDocument,
  type TuneDocument,
  tuned,
} from './documents.ts';
import type { Engine, Job } from './engine.ts';
import type { ProgressTracker } from './progress.ts';
import type { RecordServer } from './record.ts';

/** What jobs are done with. */
export interface Desk {
  readonly engine: Engine;
  readonly progress: ProgressTracker;
  readonly record: RecordServer;
}

/** Each runs the flows of one job, its tables and code within reach already, and tells what they came to. */

export async function split(desk: Desk, spec: Spec): Promise<SplitDocument> {
  const run = runner(desk, { command: 'split', spec, model: null });
  const answer = SplitAnswer.parse(await run('split', {}));
  const { rows, dataset } = answer;
  const columns = await columnsOf(desk, answer);
  return { command: 'split', split: rows, columns, dataset, ...ran(desk, { split: answer }) };
}

export async function map(desk: Desk, spec: MapSpec): Promise<MapDocument> {
  const run = runner(desk, { command: 'map', spec, model: null });
  const answer = SplitAnswer.parse(await run('map', {}));
  const { rows, dataset } = answer;
  return { command: 'map', map: rows, dataset, ...ran(desk, { split: answer }) };
}

export async function tune(desk: Desk, spec: Spec): Promise<TuneDocument> {
  const run = runner(desk, { command: 'tune', spec, model: null });
  await tellOfChange(desk, spec);
  const split = SplitAnswer.parse(await run('split', {}));
  const { dataset } = split;
  const answer = TuneAnswer.parse(await run('tune', { dataset, lanes: lanesOf(desk, spec) }));
  return {
    ...{ command: 'tune', split: split.rows, columns: await columnsOf(desk, split) },
    ...{ tune: tuned(answer), registered: registered(answer) },
    ...ran(desk, { split, tune: answer }),
    ...(await recorded(desk)),
  };
}

/** `model`: the one to predict with; null: the one that the specification means. */
export async function predict(
  desk: Desk,
  spec: PredictionSpec,
  model: string | null,
): Promise<PredictDocument> {
  const run = runner(desk, { command: 'predict', spec, model });
  const answer = PredictAnswer.parse(await run('predict', { model, dataset: null }));
  return {
    ...{ command: 'predict', predict: predicted(answer) },
    ...ran(desk, { predict: answer }),
    ...(await recorded(desk)),
  };
}

export async function pipeline(desk: Desk, spec: Spec): Promise<PipelineDocument> {
  const began = Date.now();
  const run = runner(desk, { command: 'pipeline', spec, model: null });
  await tellOfChange(desk, spec);
  const answer = PipelineAnswer.parse(await run('pipeline', { lanes: lanesOf(desk, spec) }));
  const { promotion } = answer;
  const total = Math.round((Date.now() - began) / 100) / 10;
  const { seconds, ...took } = ran(desk, answer);
  return {
    ...{ command: 'pipeline', split: answer.split.rows, columns: await columnsOf(desk, answer.split) },
    tune: tuned(answer.tune),
    ...{ registered: registered(answer.tune, promotion), predict: predicted(answer.predict) },
    ...{ evaluation: evaluated(answer), promotion },
    ...{ seconds: { ...seconds, total }, ...took },
    ...(await recorded(desk)),
  };
}

/** The same job again: what it did already is not done anew. */
export function again(desk: Desk, job: Job): Promise<JobDocument> {
  switch (job.command) {
    case 'map':
      return map(desk, job.spec);
    case 'split':
      return split(desk, job.spec);
    case 'tune':
      return tune(desk, job.spec);
    case 'predict':
      return predict(desk, job.spec, job.model);
    case 'pipeline':
      return pipeline(desk, job.spec);
  }
}

/** Runs flows of that job. Those that MLflow is told of have its server come up meanwhile. */
function runner({ engine, progress, record }: Desk, job: Job) {
  progress.begin(job);
  if (job.command !== 'split' && job.command !== 'map') record.start();
  return (flow: FlowName, input: Readonly<Record<string, Json>>): Promise<Json> =>
    engine.run(flow, job, input);
}

/** Whoever expects a study to go on is told where it does not. */
async function tellOfChange({ engine, progress }: Desk, spec: Spec): Promise<void> {
  const change = await changedSearch(engine.store, spec);
  if (change !== undefined) progress.note(change);
}

/** As many trials at once as the specification says, or as the engine is good for. */
const lanesOf = ({ engine }: Desk, spec: Spec): number => spec.tune.lanes ?? engine.lanes(spec);

const ran = ({ engine, progress }: Desk, answer: Parameters<typeof filesOf>[0]): Ran => ({
  seconds: progress.seconds(),
  peaks: engine.peaks(),
  store: engine.place,
  files: filesOf(answer),
});

const recorded = async ({ engine, record }: Desk): Promise<Recorded> => ({
  mlflow: {
    uri: (engine.kind === 'local' && (await record.uri)) || null,
    waiting: (await listPending(engine.store)).length,
  },
});

/** What the training side's columns are to the specification. */
async function columnsOf({ engine }: Desk, { described }: SplitAnswer): Promise<readonly DescribedColumn[]> {
  const found = described === undefined ? undefined : await findObject(engine.store, described, Described);
  return found?.columns ?? [];
}
