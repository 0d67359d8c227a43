import * as z from 'zod';
import { DriftLevel } from '../core/contracts/drift.ts';
import { keys } from '../core/contracts/keys.ts';
import { Dataset } from '../core/contracts/records.ts';
import type { Spread, Trial } from '../core/contracts/study.ts';
import { foldersIn } from '../core/folders.ts';
import { frontOf, objectiveValues } from '../core/search/front.ts';
import { findObject } from '../core/steps/objects.ts';
import type { ObjectStore } from '../core/store.ts';
import { partsOf } from '../core/tracking/datasets.ts';
import type { Engine, Run } from './engine.ts';
import { readStudyWhole, type StudyRead, toldBy } from './read-study.ts';

/** What there is in a store: of each kind the newest first. Times are milliseconds since 1970. */
export interface ListDocument {
  readonly command: 'list';
  readonly studies: readonly StudyEntry[];
  readonly predictions: readonly PredictionEntry[];
  readonly datasets: readonly DatasetEntry[];
  /** Where they lie: a folder, or `s3://bucket`. */
  readonly store: string;
}

export interface StudyEntry {
  readonly study: string;
  /** `stopped`: it is not done, and nobody works on it. */
  readonly state: 'running' | 'stopped' | 'concluded';
  readonly trainable: string;
  readonly sampler: string;
  readonly dataset: string;
  readonly trials: {
    /** How many were asked for. */
    readonly budget: number;
    readonly begun: number;
    readonly complete: number;
    readonly pruned: number;
    readonly failed: number;
  };
  readonly metric: string;
  readonly direction: 'maximize' | 'minimize';
  /** Left out: no trial has a value yet. */
  readonly best?: {
    readonly trial: number;
    readonly value: number;
    readonly spread?: Spread;
    readonly params: Trial['params'];
  };
  /** Of several objectives: the trials that no other is better than, the best by the first objective first. */
  readonly front?: readonly { readonly trial: number; readonly values: Readonly<Record<string, number>> }[];
  readonly startedAt: number;
  readonly endedAt?: number;
}

export type PredictionEntry =
  | { readonly prediction: string; readonly state: 'running' | 'stopped'; readonly startedAt?: number }
  | {
      readonly prediction: string;
      readonly state: 'committed';
      readonly startedAt: number;
      readonly endedAt: number;
      readonly rows: number;
      readonly predicted: number;
      readonly rejected: number;
      /** Whose rejected rows it predicts; left out where it has an input of its own. */
      readonly parent?: string;
      /** Null: not known. */
      readonly drift: DriftLevel | null;
    };

export type DatasetEntry =
  | { readonly dataset: string; readonly state: 'running' | 'stopped'; readonly startedAt?: number }
  | {
      readonly dataset: string;
      readonly state: 'committed';
      readonly endedAt: number;
      readonly table: string;
      readonly columns: number;
      readonly rows: Dataset['rows'];
    };

/** What there is under names that begin with `prefix`. */
export async function listOf({ store, place, runs }: Engine, prefix: string): Promise<ListDocument> {
  const live = await runs(prefix);
  const all = async <T extends { readonly startedAt?: number; readonly endedAt?: number }>(
    folder: string,
    read: (store: ObjectStore, id: string) => Promise<T | undefined>,
  ): Promise<T[]> => {
    const ids = (await foldersIn(store, folder)).filter((id) => id.startsWith(prefix));
    const entries = await Promise.all(ids.map((id) => read(store, id)));
    return entries.filter((entry) => entry !== undefined).toSorted((a, b) => dateOf(b) - dateOf(a));
  };
  return {
    command: 'list',
    studies: withRuns(await all(keys.studiesPrefix, studyEntry), ({ study }) => study, live),
    predictions: withRuns(
      await all(keys.predictionsPrefix, predictionEntry),
      ({ prediction }) => prediction,
      live,
    ),
    datasets: withRuns(await all(keys.datasetsPrefix, datasetEntry), ({ dataset }) => dataset, live),
    store: place,
  };
}

const dateOf = ({ startedAt, endedAt }: { readonly startedAt?: number; readonly endedAt?: number }): number =>
  startedAt ?? endedAt ?? 0;

/** Whoever works under a name works on the newest of it that is not done. */
function withRuns<T extends { readonly state: string }>(
  entries: readonly T[],
  idOf: (entry: T) => string,
  runs: readonly Run[],
): T[] {
  const taken = new Set<string>();
  return entries.map((entry) => {
    const [name] = partsOf(idOf(entry));
    if (entry.state !== 'stopped' || taken.has(name) || !runs.some((run) => isOf(run, name))) return entry;
    taken.add(name);
    return { ...entry, state: 'running' };
  });
}

function isOf(run: Run, name: string): boolean {
  if (run.kind === 'process') return run.name === name;
  return (
    run.state === 'running' && new RegExp(`^(split-|tune-|predict-)?${name}-[0-9a-f]{12}`).test(run.name)
  );
}

async function studyEntry(store: ObjectStore, id: string): Promise<StudyEntry | undefined> {
  const read = await readStudyWhole(store, id);
  return read && entryOf(read);
}

/** As nobody works on it. */
export function entryOf({ study, conclusion, trials, best }: StudyRead): StudyEntry {
  const count = (state: Trial['state']) => trials.filter((trial) => trial.state === state).length;
  const told = best && toldBy(best);
  return {
    study: study.study,
    state: conclusion ? 'concluded' : 'stopped',
    ...{ trainable: study.trainable, sampler: study.sampler.kind, dataset: study.dataset },
    trials: {
      ...{ budget: study.trials, begun: trials.length },
      ...{ complete: count('complete'), pruned: count('pruned'), failed: count('failed') },
    },
    ...{ metric: study.metric, direction: study.direction },
    ...(best && told && { best: { trial: best.number, params: best.params, ...told } }),
    ...(study.also && {
      front: frontOf(study, trials).map((trial) => ({
        trial: trial.number,
        values: objectiveValues(study, trial),
      })),
    }),
    startedAt: study.createdAt,
    ...(conclusion && { endedAt: conclusion.endedAt }),
  };
}

/** As much of a manifest as is shown: one of an earlier version has that too. */
const Shown = z.object({
  ...{ rows: z.int(), predicted: z.int(), rejected: z.int(), startedAt: z.int(), committedAt: z.int() },
  input: z.object({ kind: z.string(), parent: z.string().optional() }),
  drift: z.object({ level: DriftLevel.nullable().default(null) }).default({ level: null }),
});

const Planned = z.object({ plannedAt: z.int() });

/** As nobody works on it. */
export async function predictionEntry(store: ObjectStore, id: string): Promise<PredictionEntry> {
  const found = await findObject(store, keys.predictionManifest(id), Shown);
  if (!found) return { prediction: id, state: 'stopped', ...(await plannedAt(store, keys.prediction(id))) };
  const { rows, predicted, rejected, input, drift, startedAt, committedAt } = found;
  return {
    ...{ prediction: id, state: 'committed', startedAt, endedAt: committedAt },
    ...{ rows, predicted, rejected, drift: drift.level },
    ...(input.parent !== undefined && { parent: input.parent }),
  };
}

async function datasetEntry(store: ObjectStore, id: string): Promise<DatasetEntry> {
  const found = await findObject(store, keys.datasetManifest(id), Dataset);
  if (!found) return { dataset: id, state: 'stopped', ...(await plannedAt(store, keys.dataset(id))) };
  const { table, fields, rows, committedAt } = found;
  return { dataset: id, state: 'committed', endedAt: committedAt, table, columns: fields.length, rows };
}

async function plannedAt(store: ObjectStore, job: string): Promise<{ startedAt?: number }> {
  const plan = await findObject(store, keys.plan(job), Planned);
  return plan ? { startedAt: plan.plannedAt } : {};
}
