import type { Scheduler as Settings } from '../../contracts/scheduler.ts';
import { type Bracket, goingOn, type Scheduler, type Step } from './scheduler.ts';

type Patience = Extract<Settings, { kind: 'patience' }>;

/**
 * A trial stops when `patience` rungs in a row have not made its best value better by more than `min_delta`, as Keras'
 * EarlyStopping has it for epochs. Others are of no account.
 */
export const patience =
  (settings: Patience): Scheduler['judge'] =>
  (bracket) => {
    const idleOf = idlenessIn(bracket, settings);
    return {
      owed: goingOn(bracket.rungs, ({ trial }, rung) => idleOf({ trial, rung }).rungs < settings.patience),
      why: (step) => {
        const { resource } = bracket.rungs[step.rung]!;
        const { rungs, best } = idleOf(step);
        if (rungs < settings.patience) return { text: `the study ended after its ${resource}`, final: false };
        const by = settings.min_delta > 0 ? ` by more than ${settings.min_delta}` : '';
        const than = `no better than ${bracket.shown(best)}${by}`;
        return { text: `${than} for ${rungs} rungs, by ${resource}`, final: true };
      },
    };
  };

/** For how many rungs a trial has not become better, and than what. */
function idlenessIn({ rungs }: Bracket, { min_delta }: Patience) {
  const lossesAt = rungs.map(
    ({ finished }) => new Map(finished.map(({ trial, losses }) => [trial, losses[0]])),
  );
  return ({ trial, rung }: Step): { readonly rungs: number; readonly best: number } => {
    let best = Infinity;
    let idle = 0;
    for (let at = 0; at <= rung; at++) {
      const loss = lossesAt[at]!.get(trial) ?? Infinity;
      if (loss < best - min_delta) {
        best = loss;
        idle = 0;
      } else idle += 1;
    }
    return { rungs: idle, best };
  };
}
