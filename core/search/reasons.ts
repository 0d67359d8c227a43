import type { TrialNumber } from '../contracts/names.ts';
import type { Study } from '../contracts/study.ts';
import { laddersOf } from './brackets.ts';
import { foldCount } from './folds.ts';
import type { Seen } from './history.ts';
import { type Reason, schedulerOf, type Verdict } from './schedulers/scheduler.ts';

/**
 * Why a trial, which finished so many rungs and is not at work, goes no further as things stand. `final`: whatever comes; other
 * reasons are such when the study has ended.
 */
export function reasonsOf(study: Study, history: Seen): (trial: TrialNumber, finished: number) => Reason {
  const scheduler = schedulerOf(study);
  const ladders = laddersOf(study, history, scheduler);
  const verdicts = new Map<number, Verdict>();
  return (trial, finished) => {
    const at = scheduler.bracketOf(trial);
    const { fields, bracket } = ladders.get(at)!;
    const claims = history.rung(finished).get(trial) ?? [];
    const { resource } = bracket.rungs[finished]!;
    const ended = study.stopped ? `the study was stopped (${study.stopped.text})` : 'the study ended';
    if (claims.some((claim) => !history.eventOf(claim)))
      return { text: `${ended} on its way to ${resource}`, final: false };
    if (fields[finished]!.held.has(trial)) {
      const folds = `${claims.length} of ${foldCount(study)} folds`;
      return { text: `worse than others on the same ${folds} at ${resource}`, final: false };
    }
    if (claims.length > 0 || finished === 0)
      return { text: `${ended} before it had ${resource}`, final: false };
    const verdict = verdicts.get(at) ?? scheduler.judge(bracket);
    verdicts.set(at, verdict);
    const { text, final } = verdict.why({ trial, rung: finished - 1 });
    return { text: final || !study.stopped ? text : `${text}; ${ended}`, final };
  };
}
