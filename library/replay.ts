import { withPrior } from '../core/search/prior.ts';
import { type Replayed, replay } from '../core/search/replay.ts';
import { readBudgets, readLog } from '../core/search/study-folder.ts';
import type { Engine } from './engine.ts';
import { studyNamed } from './find-study.ts';

/** How often a study's folder comes to the same when all its decisions are made again. */
export interface ReplayDocument extends Replayed {
  readonly command: 'replay';
  readonly study: string;
  /** So many claims stand in its folder. */
  readonly claims: number;
  readonly store: string;
}

/** Makes every decision of a study again, from what its ask had seen, and compares. */
export async function replayStudy({ store, place }: Engine, given: string): Promise<ReplayDocument> {
  const study = await withPrior(store, await studyNamed(store, given));
  const budgets = await readBudgets(store, study.study);
  const history = await readLog(store, study.study);
  const { claims } = history;
  const replayed = replay({
    studyBy: (budget) => budgets[budget] && { ...study, ...budgets[budget], budget },
    claims,
    eventOf: (number) => history.eventOf(claims[number]!),
  });
  return { command: 'replay', study: study.study, claims: claims.length, ...replayed, store: place };
}
