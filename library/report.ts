import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { keys } from '../core/contracts/keys.ts';
import type { Prediction } from '../core/contracts/records.ts';
import type { Report, ReportPart } from '../core/contracts/report.ts';
import type { Study } from '../core/contracts/study.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import { pageOf } from '../core/report/page.ts';
import type { History } from '../core/search/history.ts';
import { namedStudy, studiesIn } from '../core/search/named-studies.ts';
import { markPending } from '../core/steps/pending.ts';
import type { ObjectStore } from '../core/store.ts';
import type { Engine } from './engine.ts';
import { namedPrediction, predictionsIn } from './find-prediction.ts';
import { pageAssets } from './page-assets.ts';
import { judgedBy, readModelPart, readPredictionPart, readStudyPart } from './report-parts.ts';

/** Where a report was written, and what it is of. */
export interface ReportDocument {
  readonly command: 'report';
  /** The whole path. */
  readonly file: string;
  readonly bytes: number;
  readonly parts: readonly { readonly kind: ReportPart['kind']; readonly id: string }[];
}

export interface ReportOptions {
  /** `<id>.html` in the current folder if not given. */
  readonly out?: string;
  /** Also for the run in MLflow of what it is of first: `sync` sends it. */
  readonly record?: boolean;
}

/** Writes the page of a study, of a prediction, or of both of a name. `MissingInput` says what there is. */
export async function report(
  engine: Engine,
  given: string,
  { out, record = false }: ReportOptions = {},
): Promise<ReportDocument> {
  const made = await reportOf(engine, given, Date.now());
  const file = resolve(out ?? `${idOf(made.parts[0]!)}.html`);
  const html = Buffer.from(pageOf(made, await pageAssets()));
  await writeFile(file, html);
  if (record) await keepForRecord(engine.store, made.parts[0]!, html);
  const parts = made.parts.map((part) => ({ kind: part.kind, id: idOf(part) }));
  return { command: 'report', file, bytes: html.length, parts };
}

/** Beside what it is of. What has a run already is recorded again, which adds the page and nothing else. */
async function keepForRecord(store: ObjectStore, part: ReportPart, html: Uint8Array): Promise<void> {
  const study = part.kind === 'study' ? part.study : undefined;
  const id = study ?? (part.kind === 'prediction' ? part.prediction : undefined);
  if (id === undefined) return;
  await store.put(keys.reportPage(study ? keys.study(id) : keys.prediction(id)), html);
  await markPending(store, study ? { kind: 'model', study } : { kind: 'prediction', prediction: id });
}

function idOf(part: ReportPart): string {
  switch (part.kind) {
    case 'study':
      return part.study;
    case 'prediction':
      return part.prediction;
    case 'model':
      return part.model;
    case 'list':
      return 'list';
  }
}

/** All that a page shows: what has that id or, of a name, the newest study, its model and the newest prediction. */
async function reportOf({ store, place }: Engine, given: string, now: number): Promise<Report> {
  const study = await namedStudy(store, basename(given));
  // A study's own id names no prediction.
  const isStudy = study !== undefined && basename(given) === study.study;
  const prediction = isStudy ? undefined : await namedPrediction(store, given);
  if (study === undefined && prediction === undefined) throw await noneOf(store, given);
  const ofStudy = study ? await partsOfStudy(store, study, { now, prediction }) : [];
  const ofPrediction = prediction ? await partsOfPrediction(store, prediction) : [];
  const told = new Set(ofStudy.map(idOf));
  const parts = [...ofStudy, ...ofPrediction.filter((part) => !told.has(idOf(part)))];
  return { title: basename(given), place, madeAt: now, parts };
}

async function noneOf(store: ObjectStore, given: string): Promise<FanfareError> {
  const committed = (await predictionsIn(store)).flatMap((one) => (one.committed ? [one.id] : []));
  const known = [...(await studiesIn(store)), ...committed];
  return new FanfareError(
    'MissingInput',
    unknownName('there is no study and no committed prediction', given, known),
  );
}

interface StudyAsked {
  readonly now: number;
  /** Of the study, where it was read already. */
  readonly history?: History;
  /** By which its model may be judged. */
  readonly prediction?: Prediction | undefined;
}

/** A study and, where its model was tried on rows whose answers are known, how that did. */
export async function partsOfStudy(
  store: ObjectStore,
  study: Study,
  { now, history, prediction }: StudyAsked,
): Promise<readonly ReportPart[]> {
  const { part, model } = await readStudyPart(store, study, now, history);
  if (model === null) return [part];
  const own = prediction?.model === model && prediction.scores.length > 0;
  const judged = own ? prediction : await judgedBy(store, model);
  const judgement = judged && (await readModelPart(store, judged));
  return [part, ...(judgement ? [judgement] : [])];
}

/** A prediction and, where its rows' answers are known, how the model did. */
export async function partsOfPrediction(
  store: ObjectStore,
  prediction: Prediction,
): Promise<readonly ReportPart[]> {
  const judgement = await readModelPart(store, prediction);
  return [await readPredictionPart(store, prediction), ...(judgement ? [judgement] : [])];
}
