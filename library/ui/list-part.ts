import { keys } from '../../core/contracts/keys.ts';
import type { ListedPrediction, ListedStudy, ListPart } from '../../core/contracts/report.ts';
import { foldersIn } from '../../core/folders.ts';
import type { History } from '../../core/search/history.ts';
import { studiesIn } from '../../core/search/named-studies.ts';
import type { ObjectStore } from '../../core/store.ts';
import { entryOf, predictionEntry } from '../list.ts';
import { readStudyWhole } from '../read-study.ts';

type HistoryOf = (study: string) => Promise<History>;

/** Every study and every prediction of a store. */
export async function listPart(store: ObjectStore, historyOf: HistoryOf): Promise<ListPart> {
  const studies = await Promise.all((await studiesIn(store)).map((id) => listedStudy(store, id, historyOf)));
  const predictions = await Promise.all(
    (await foldersIn(store, keys.predictionsPrefix)).map((id) => listedPrediction(store, id)),
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

async function listedStudy(
  store: ObjectStore,
  id: string,
  historyOf: HistoryOf,
): Promise<ListedStudy | undefined> {
  const read = await readStudyWhole(store, id, historyOf);
  if (read === undefined) return undefined;
  const { state, trials, metric, best, startedAt } = entryOf(read);
  return {
    study: id,
    state: state === 'concluded' ? state : 'open',
    trials: trials.begun,
    budget: trials.budget,
    metric,
    best: best?.value ?? null,
    began: startedAt,
  };
}

async function listedPrediction(store: ObjectStore, id: string): Promise<ListedPrediction> {
  const entry = await predictionEntry(store, id);
  if (entry.state !== 'committed') return { prediction: id, committed: null };
  const { rows, rejected, startedAt, drift } = entry;
  return { prediction: id, committed: { rows, rejected, began: startedAt, drift } };
}
