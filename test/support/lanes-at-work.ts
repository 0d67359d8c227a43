import { stream } from '../../core/chance.ts';
import type { Claim, Study, Trial } from '../../core/contracts/study.ts';
import { trialsOf } from '../../core/search/trials.ts';
import { Folder, lost } from './study-log.ts';

/** How a study is played: which lanes are quick, and which executions die, are the dice's. */
export interface Play {
  readonly lanes: number;
  readonly dice: string;
  /** The chance of an execution to die, a step. */
  readonly deaths: number;
}

/** A value for a trial at a rung on a fold, which better parameters and more resource make better; undefined: it fails there. */
export type World = (claim: Claim) => number | undefined;

/** Plays a study to its end by lanes that take turns as the dice fall, whose executions die and are followed by others. */
export function play(study: Study, world: World, { lanes, dice, deaths }: Play): Folder {
  const random = stream(dice);
  const folder = new Folder(study);
  const busy = new Map<number, Claim>();
  let [execution, count] = [0, lanes];
  for (;;) {
    const lane = Math.floor(random() * count);
    const claim = busy.get(lane);
    if (random() < deaths) {
      execution += 1;
      busy.clear();
      count = 1 + Math.floor(random() * lanes);
    } else if (claim) {
      // Some take thirty times as long as others.
      if (random() > 1 / (1 + ((claim.trial * 7) % 30))) continue;
      const value = world(claim);
      if (value === undefined) folder.history.end(claim.number, lost(claim));
      else folder.tell(claim, value);
      busy.delete(lane);
    } else {
      const decision = folder.ask(lane, `e${execution}`);
      if (decision.kind === 'claim' || decision.kind === 'own') busy.set(lane, decision.claim);
      if (decision.kind === 'done' && folder.history.open.length === 0) return folder;
    }
  }
}

/** The table of the study's trials without what time has to do with. */
export const tableOf = ({ study, history }: Folder): object[] =>
  trialsOf(study, history, true).map((trial: Trial) => ({
    ...trial,
    startedAt: 0,
    rungs: trial.rungs.map((rung) => ({ ...rung, startedAt: 0, at: 0 })),
  }));

/** A tenth of the trials fail at one of their rungs, and folds differ. */
export const world: World = ({ trial, rung, fold = 0, params }) => {
  const die = stream(`${trial}/${rung}/${fold}`);
  if (die() < 0.05) return undefined;
  return 1 - (Number(params.rate) - 0.3) ** 2 - 1 / (rung + 2) + 0.1 * die();
};
