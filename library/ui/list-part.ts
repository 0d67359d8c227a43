import * as z from 'zod';
import { DriftLevel } from '../../core/contracts/drift.ts';
import { keys } from '../../core/contracts/keys.ts';
import { Instant } from '../../core/contracts/names.ts';
import type { ListedPrediction, ListedStudy, ListPart } from '../../core/contracts/report.ts';
import { foldersIn } from '../../core/folders.ts';
import { bestTrial } from '../../core/search/front.ts';
import type { History } from '../../core/search/history.ts';
import { findConclusion, findStudy } from '../../core/search/study-folder.ts';
import { latestValue, trialsOf } from '../../core/search/trials.ts';
import { findObject } from '../../core/steps/objects.ts';
import type { ObjectStore } from '../../core/store.ts';

type HistoryOf = (study: string) => Promise<History>;

/** Every study and every prediction of a store. */
export async function listPart(store: ObjectStore, historyOf: HistoryOf): Promise<ListPart> {
  const studies = await Promise.all(
    (await foldersIn(store, 'studies/')).map((id) => listed(store, id, historyOf)),
  );
  const predictions = await Promise.all(
    (await foldersIn(store, 'predictions/')).map((id) => listedPrediction(store, id)),
  );
  const began = ({ committed }: ListedPrediction) => committed?.began ?? Infinity;
  return {
    kind: 'list',
    studies: studies.flatMap((study) => study ?? []).toSorted((a, b) => b.began - a.began),
    predictions: predictions.toSorted(
      (a, b) => began(b) - began(a) || (a.prediction < b.prediction ? -1 : 1),
    ),
  };
}

async function listed(
  store: ObjectStore,
  id: string,
  historyOf: HistoryOf,
): Promise<ListedStudy | undefined> {
  const study = await findStudy(store, id);
  if (study === undefined) return undefined;
  const history = await historyOf(id);
  const concluded = (await findConclusion(store, study, history)) !== undefined;
  const best = bestTrial(study, trialsOf(study, history, concluded));
  return {
    study: id,
    state: concluded ? 'concluded' : 'open',
    trials: history.begun,
    budget: study.trials,
    metric: study.metric,
    best: best ? latestValue(best) : null,
    began: study.createdAt,
  };
}

/** As much of a manifest as is shown: one of an earlier version has that too. */
const Shown = z.object({
  ...{ rows: z.int(), rejected: z.int(), startedAt: Instant },
  drift: z.object({ level: DriftLevel.nullable().default(null) }).default({ level: null }),
});

async function listedPrediction(store: ObjectStore, id: string): Promise<ListedPrediction> {
  const found = await findObject(store, keys.predictionManifest(id), Shown);
  if (found === undefined) return { prediction: id, committed: null };
  const { rows, rejected, startedAt, drift } = found;
  return { prediction: id, committed: { rows, rejected, began: startedAt, drift: drift.level } };
}
