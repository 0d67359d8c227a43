import { basename } from 'node:path';
import { keys } from '../core/contracts/keys.ts';
import { Identity } from '../core/contracts/names.ts';
import { Dataset, Prediction } from '../core/contracts/records.ts';
import type { Study, Trial } from '../core/contracts/study.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import { lossesOf } from '../core/search/history.ts';
import { lexically } from '../core/search/pareto.ts';
import { rungsOf } from '../core/search/schedulers/rungs.ts';
import { findObject } from '../core/steps/objects.ts';
import { partsOf } from '../core/tracking/datasets.ts';
import type { Engine } from './engine.ts';
import { type ListDocument, listOf, type StudyEntry } from './list.ts';
import { readStudyWhole, toldBy } from './read-study.ts';
import { retriesOf } from './retries.ts';

/** All of one study, prediction or dataset. */
export type ShowDocument = StudyShown | PredictionShown | DatasetShown;

interface Shown {
  readonly command: 'show';
  /** What else bears the name that was given, by its id. */
  readonly others: readonly string[];
  /** Where it lies: a folder, or `s3://bucket`. */
  readonly store: string;
}

export interface StudyShown extends Shown {
  readonly kind: 'study';
  readonly study: StudyEntry;
  /** What it searches, and how. */
  readonly design: Study;
  /** The best first; those that have no value last. */
  readonly trials: readonly (Trial & { readonly value?: number })[];
  /** How many trials finished each rung, and the best of their values there. */
  readonly rungs: readonly {
    readonly resource: number;
    readonly trials: number;
    readonly best: number | null;
  }[];
  /** The digest of its model; null: it has none yet. */
  readonly model: string | null;
}

export interface PredictionShown extends Shown {
  readonly kind: 'prediction';
  readonly prediction: Prediction;
  /** The predictions of the rows that it rejected. */
  readonly retries: readonly string[];
}

export interface DatasetShown extends Shown {
  readonly kind: 'dataset';
  readonly dataset: Dataset;
}

/** By its id or folder, or by a specification's name: its newest study or else prediction, or else dataset. */
export async function show(engine: Engine, given: string): Promise<ShowDocument> {
  const { store, place } = engine;
  const wanted = basename(given);
  const list = await listOf(engine, nameIn(wanted));
  const all = idsOf(list);
  const own = all.filter(({ id }) => id === wanted);
  const [found, ...others] = own.length > 0 ? own : all.filter(({ id }) => partsOf(id)[0] === wanted);
  if (found === undefined) throw await nothing(engine, given);
  const shown = { command: 'show', others: others.map(({ id }) => id), store: place } as const;
  switch (found.kind) {
    case 'study': {
      const entry = list.studies.find(({ study }) => study === found.id)!;
      return { ...shown, kind: 'study', ...(await studyShown(engine, entry)) };
    }
    case 'prediction': {
      const prediction = await findObject(store, keys.predictionManifest(found.id), Prediction);
      if (prediction === undefined) throw notDone('prediction', found.id);
      return { ...shown, kind: 'prediction', prediction, retries: await retriesOf(store, found.id) };
    }
    case 'dataset': {
      const dataset = await findObject(store, keys.datasetManifest(found.id), Dataset);
      if (dataset === undefined) throw notDone('dataset', found.id);
      return { ...shown, kind: 'dataset', dataset };
    }
  }
}

/** That of an id, or what may be one. */
const nameIn = (wanted: string): string => (Identity.safeParse(wanted).success ? partsOf(wanted)[0] : wanted);

const idsOf = ({ studies, predictions, datasets }: ListDocument) => [
  ...studies.map(({ study }) => ({ kind: 'study' as const, id: study })),
  ...predictions.map(({ prediction }) => ({ kind: 'prediction' as const, id: prediction })),
  ...datasets.map(({ dataset }) => ({ kind: 'dataset' as const, id: dataset })),
];

async function nothing(engine: Engine, given: string): Promise<FanfareError> {
  const known = idsOf(await listOf(engine, '')).map(({ id }) => id);
  const names = [...new Set(known.map((id) => partsOf(id)[0]))];
  return new FanfareError('MissingInput', unknownName('there is nothing named', given, [...names, ...known]));
}

const notDone = (what: string, id: string): FanfareError =>
  new FanfareError(
    'MissingInput',
    `${what} ${id} is not done: it runs, or it failed; the command that began it goes on with it`,
  );

async function studyShown(
  { store }: Engine,
  study: StudyEntry,
): Promise<Omit<StudyShown, keyof Shown | 'kind'>> {
  const read = await readStudyWhole(store, study.study);
  const { study: design, trials, conclusion } = read!;
  return {
    ...{ study, design },
    trials: trials.toSorted((a, b) => byValue(design, a, b)).map((trial) => ({ ...trial, ...toldBy(trial) })),
    rungs: rungsShown(design, trials),
    model: conclusion?.best.model ?? null,
  };
}

/** By what a trial was given in all: those of a later bracket of hyperband begin at more. */
function rungsShown(design: Study, trials: readonly Trial[]): StudyShown['rungs'] {
  const finished = trials.flatMap(({ number, rungs }) => {
    const resources = rungsOf(design.scheduler, number);
    return rungs.map(({ rung, outcome }) => ({ resource: resources[rung], value: outcome.value }));
  });
  return design.scheduler.rungs.map((resource) => {
    const values = finished.flatMap((one) => (one.resource === resource ? [one.value] : []));
    const best = design.direction === 'maximize' ? Math.max(...values) : Math.min(...values);
    return { resource, trials: values.length, best: values.length > 0 ? best : null };
  });
}

function byValue(design: Study, a: Trial, b: Trial): number {
  const [first, second] = [a, b].map(({ rungs }) => rungs.at(-1)?.outcome);
  if (first === undefined || second === undefined)
    return Number(!first) - Number(!second) || a.number - b.number;
  return lexically(lossesOf(design, first), lossesOf(design, second)) || a.number - b.number;
}
