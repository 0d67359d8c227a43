import type { Conclusion } from '../core/contracts/conclusion.ts';
import type { Spread, Study, Trial } from '../core/contracts/study.ts';
import { bestTrial } from '../core/search/front.ts';
import type { History } from '../core/search/history.ts';
import { findConclusion, findStudy, readHistory } from '../core/search/study-folder.ts';
import { trialsOf } from '../core/search/trials.ts';
import type { ObjectStore } from '../core/store.ts';

/** All that a study's folder says. */
export interface StudyRead {
  readonly study: Study;
  /** Undefined: it is not done. */
  readonly conclusion: Conclusion | undefined;
  /** In the order of their numbers. */
  readonly trials: readonly Trial[];
  readonly best: Trial | undefined;
}

/** Undefined: it is being prepared, or there is none. `historyOf`: of whoever keeps what was read. */
export async function readStudyWhole(
  store: ObjectStore,
  id: string,
  historyOf: (study: string) => Promise<History> = (study) => readHistory(store, study),
): Promise<StudyRead | undefined> {
  const study = await findStudy(store, id);
  if (study === undefined) return undefined;
  const history = await historyOf(id);
  const conclusion = await findConclusion(store, study, history);
  const trials = trialsOf(study, history, conclusion !== undefined);
  return { study, conclusion, trials, best: bestTrial(study, trials) };
}

/** What a trial came to at the latest rung that it finished. */
export const toldBy = ({
  rungs,
}: Trial): { readonly value: number; readonly spread?: Spread } | undefined => {
  const last = rungs.at(-1);
  return last && { value: last.outcome.value, ...(last.spread && { spread: last.spread }) };
};
