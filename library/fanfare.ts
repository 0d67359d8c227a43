import { readFile } from 'node:fs/promises';
import type { PredictionSpec, Spec } from '../core/contracts/spec.ts';
import { FanfareError } from '../core/errors.ts';
import { bringModel, bringSpecModel } from './bring-model.ts';
import { type CompareDocument, compare } from './compare.ts';
import { type DescribeDocument, describe } from './describe.ts';
import type {
  JobDocument,
  MapDocument,
  PipelineDocument,
  PredictDocument,
  SplitDocument,
  TuneDocument,
} from './documents.ts';
import type { Engine, Job } from './engine.ts';
import { type ExportDocument, type ExportOptions, exportStudy } from './export.ts';
import { failureOf } from './failure.ts';
import { findPrediction } from './find-prediction.ts';
import { type InitDocument, type InitRequest, init } from './init.ts';
import { again, map, pipeline, predict, split, tune } from './jobs.ts';
import { type ListDocument, listOf } from './list.ts';
import {
  isSpec,
  loadPrediction,
  loadSpec,
  type PredictionInput,
  type SpecInput,
  withTrials,
} from './load-spec.ts';
import { locateFailure } from './locate-failure.ts';
import { type MapRequest, mapSpecOf } from './map.ts';
import { type FanfareOptions, openDesk } from './open-desk.ts';
import { Detached } from './remote/follow.ts';
import { type ReplayDocument, replayStudy } from './replay.ts';
import { type ReportDocument, type ReportOptions, report } from './report.ts';
import { type RetryOptions, retryOf } from './retry.ts';
import { type ShowDocument, show } from './show.ts';
import { type StatusDocument, statusOf } from './status.ts';
import { type SyncDocument, syncRecords } from './sync.ts';
import { serveUi, type Ui, type UiOptions } from './ui/serve.ts';
import { type VerifyDocument, verify } from './verify.ts';

/**
 * All that the command line does: one job at a time, a specification as an object or as the path of a YAML file. A job that
 * fails rejects with the error's name and message that the command prints: a `FanfareError`, or a `JobFailed` of the flow.
 */
export interface Fanfare {
  /** Where the objects lie: a folder, or `s3://bucket`. */
  readonly place: string;
  /** Splits a table into train, validation and test partitions, with a profile of each. */
  split(spec: string | SpecInput): Promise<SplitDocument>;
  /** Reads a table, or a specification's, and says of each column its type, its role and why, what it holds, and what to be wary of. */
  describe(given: string | SpecInput): Promise<DescribeDocument>;
  /**
   * Searches the best configuration, and registers its model as challenger. The table is split first if that was not done.
   * `trials`: in place of the specification's; more of them continue a study that was finished.
   */
  tune(spec: string | SpecInput, options?: { readonly trials?: number }): Promise<TuneDocument>;
  /** Reads a table and writes a commented specification for it, which runs as it is. What is there already is not written over. */
  init(request: InitRequest): Promise<InitDocument>;
  /** Predicts every row of a table. `model`: as `predict.model`, a file seen from the current folder; the champion where it is left out. */
  predict(
    spec: string | SpecInput | PredictionInput,
    options?: { readonly model?: string },
  ): Promise<PredictDocument>;
  /**
   * Predicts what a committed prediction rejected, as a prediction of its own: of rows that were mended, or by another
   * specification or model. Named by its id, its folder, or the name of its specification (the newest).
   */
  retryRejects(prediction: string, options?: RetryOptions): Promise<PredictDocument>;
  /**
   * Reads a committed prediction and counts and checks all of it; `input`: its input too. Resolves whether or not all is
   * well: `mismatches` says.
   */
  verify(prediction: string, options?: { readonly input?: boolean }): Promise<VerifyDocument>;
  /**
   * Writes one HTML file about a study, a prediction or what was done under a specification's name, which opens anywhere
   * without a network. `out`: where; `<id>.html` in the current folder where it is left out.
   */
  report(given: string, options?: ReportOptions): Promise<ReportDocument>;
  /**
   * Makes every decision of a study again, from what its ask had seen, and compares it with what stands in the study's folder.
   * Resolves whether or not all are the same: `difference` says. Named by its id, its folder, or its specification's name (the newest).
   */
  replay(study: string): Promise<ReplayDocument>;
  /** Serves those pages, live while a study runs, to this machine: until it is closed. */
  ui(options?: UiOptions): Promise<Ui>;
  /** Writes a study's trials as a file of Optuna's, a table or JSON. Named as for `replay`. */
  export(study: string, options: ExportOptions): Promise<ExportDocument>;
  /** Splits, tunes, predicts the test side, evaluates, promotes. */
  pipeline(spec: string | SpecInput): Promise<PipelineDocument>;
  /** Runs a function over every partition of a dataset, and writes a dataset. */
  map(request: MapRequest): Promise<MapDocument>;
  /** What there is under names that begin with `prefix`: studies, predictions and datasets, the newest first. */
  list(prefix?: string): Promise<ListDocument>;
  /** All of one study, prediction or dataset, by its id or folder, or by a specification's name: the newest study of that name. */
  show(given: string): Promise<ShowDocument>;
  /** Studies side by side, by ids, folders or names; one name alone stands for all of its studies. */
  compare(given: readonly string[]): Promise<CompareDocument>;
  /** What runs and what is not done under names that begin with `prefix`, and what MLflow does not have yet. */
  status(prefix?: string): Promise<StatusDocument>;
  /** Ends what runs under a specification's name, here or in another process. Says what it ended. */
  stop(name: string): Promise<{ readonly stopped: readonly string[] }>;
  /** Does again what was last done under a name: a stopped or failed one goes on, nothing is computed anew. */
  resume(name: string): Promise<JobDocument>;
  /** Sends MLflow what it does not have yet. */
  sync(): Promise<SyncDocument>;
  /** Ends the worker processes and the MLflow server. */
  close(): Promise<void>;
}

/** Opens a folder of this machine, or a stack. `MissingInput` where there is no such stack. Close it when you are done. */
export async function openFanfare(options: FanfareOptions = {}): Promise<Fanfare> {
  const desk = await openDesk(options);
  const { engine, record } = desk;
  const told = teller(engine.place, options.signal);
  const within = async <S extends Spec | PredictionSpec>(spec: S): Promise<S> =>
    bringSpecModel(engine.store, await engine.bring(spec));
  const brought = async (given: string | SpecInput) => within(await loadSpec(given));
  const broughtFor = async (given: string | SpecInput | PredictionInput) =>
    within(await loadPrediction(given));
  return {
    place: engine.place,
    split: (spec) => told(async () => split(desk, await brought(spec)), spec),
    describe: (given) => told(() => describe(engine, given), isSpec(given) ? given : undefined),
    tune: (spec, { trials } = {}) =>
      told(async () => tune(desk, withTrials(await brought(spec), trials)), spec),
    init: (request) => told(() => init(engine, request)),
    predict: (spec, { model } = {}) =>
      told(async () => {
        engine.expect('predict');
        const meant = model === undefined ? null : await bringModel(engine.store, model);
        return predict(desk, await broughtFor(spec), meant);
      }, spec),
    retryRejects: (given, retry = {}) =>
      told(async () => {
        const prediction = await findPrediction(engine.store, given);
        const changed = retry.spec === undefined ? undefined : await broughtFor(retry.spec);
        const model = retry.model && (await bringModel(engine.store, retry.model));
        const other = { ...retry, ...(model && { model }) };
        const again = await retryOf(engine.store, prediction, changed, other);
        return predict(desk, again.spec, again.model);
      }, retry.spec),
    verify: (given, { input = false } = {}) => verify(engine, given, input),
    report: (given, options) => report(engine, given, options),
    ui: (options) => serveUi(engine, options),
    export: (study, options) => exportStudy(engine, study, options),
    replay: (study) => replayStudy(engine, study),
    pipeline: (spec) => told(async () => pipeline(desk, await brought(spec)), spec),
    map: (request) => told(async () => map(desk, await mapSpecOf(engine.store, request))),
    list: (prefix = '') => listOf(engine, prefix),
    show: (given) => show(engine, given),
    compare: (given) => compare(engine, given),
    status: (prefix = '') => statusOf(engine, prefix),
    stop: async (name) => ({ stopped: await engine.stop(name) }),
    resume: (name) =>
      told(async () => {
        const job = await lastJob(engine, name);
        desk.progress.note(`${job.command} ${name} …`);
        return again(desk, job);
      }),
    sync: () => {
      record.start();
      return syncRecords(engine, record.uri);
    },
    close: async () => {
      await engine.close();
      await record.close();
    },
  };
}

/**
 * Does a job; a flow's failure becomes what whoever asked for it is to read, with the places in `spec` where that is a
 * file, and an abort the reason that was given for it.
 */
const teller =
  (place: string, signal: AbortSignal | undefined) =>
  async <T>(work: () => Promise<T>, spec?: unknown): Promise<T> => {
    const file = typeof spec === 'string' ? spec : undefined;
    const text = file && (await readFile(file, 'utf8').catch(() => undefined));
    try {
      return await work();
    } catch (error) {
      // Whatever was going on when it was ended failed for that.
      if (signal?.aborted && !(error instanceof Detached)) throw signal.reason;
      const failure = failureOf(error, place);
      throw file && text ? locateFailure(failure, file, text) : failure;
    }
  };

async function lastJob(engine: Engine, name: string): Promise<Job> {
  const last = await engine.last(name);
  if (last !== undefined) return last;
  throw new FanfareError(
    'MissingInput',
    `nothing named ${name} was run in ${engine.place}; fanfare list shows what there is`,
  );
}
