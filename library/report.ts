import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { keys } from '../core/contracts/keys.ts';
import type { Report, ReportPart } from '../core/contracts/report.ts';
import { Finished, type Study } from '../core/contracts/study.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import { pageOf } from '../core/report/page.ts';
import { studyPart } from '../core/report/study-part.ts';
import type { History } from '../core/search/history.ts';
import { findConclusion, readHistory } from '../core/search/study-folder.ts';
import { findObject } from '../core/steps/objects.ts';
import type { ObjectStore } from '../core/store.ts';
import type { Engine } from './engine.ts';
import { namedStudy, studiesIn } from './find-study.ts';
import { pageAssets } from './page-assets.ts';

/** Where a report was written, and what it is of. */
export interface ReportDocument {
  readonly command: 'report';
  /** The whole path. */
  readonly file: string;
  readonly bytes: number;
  readonly parts: readonly { readonly kind: ReportPart['kind']; readonly id: string }[];
}

/** Writes the page of a study, of a prediction, or of both of a name. `MissingInput` says what there is. */
export async function report(engine: Engine, given: string, out?: string): Promise<ReportDocument> {
  const made = await reportOf(engine, given, Date.now());
  const assets = await pageAssets();
  const file = resolve(out ?? `${idOf(made.parts[0]!)}.html`);
  const html = Buffer.from(pageOf(made, assets));
  await writeFile(file, html);
  const parts = made.parts.map((part) => ({ kind: part.kind, id: idOf(part) }));
  return { command: 'report', file, bytes: html.length, parts };
}

/** All that a page shows. */
async function reportOf({ store, place }: Engine, given: string, now: number): Promise<Report> {
  const study = await namedStudy(store, given);
  const parts = study ? [await studyPartOf(store, study, now)] : [];
  if (parts.length === 0) {
    const known = await studiesIn(store);
    throw new FanfareError('MissingInput', unknownName('there is no study', given, known));
  }
  return { title: basename(given), place, madeAt: now, parts };
}

const idOf = (part: ReportPart): string => part.study;

async function studyPartOf(store: ObjectStore, study: Study, now: number): Promise<ReportPart> {
  const history = await readHistory(store, study.study);
  const conclusion = (await findConclusion(store, study, history)) ?? null;
  const until = conclusion?.endedAt ?? (await stoppedAt(store, study, history)) ?? now;
  return studyPart({ study, history, conclusion, until });
}

/** When the last of its executions ended, if all of them have. */
async function stoppedAt(
  store: ObjectStore,
  { study }: Study,
  history: History,
): Promise<number | undefined> {
  const executions = [...new Set(history.claims.map(({ execution }) => execution))];
  const finished = await Promise.all(
    executions.map((execution) => findObject(store, keys.finished(study, execution), Finished)),
  );
  const ends = finished.flatMap((end) => (end ? [end.at] : []));
  return ends.length > 0 && ends.length === executions.length ? Math.max(...ends) : undefined;
}
