import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stream } from '../../../core/chance.ts';
import type { Claim, Study } from '../../../core/contracts/study.ts';
import { heldBack, mayBeHeldBack, type Standing } from '../../../core/search/folds.ts';
import { bestTrial } from '../../../core/search/front.ts';
import { decide, isDone } from '../../../core/search/next.ts';
import { latestValue, trialsOf } from '../../../core/search/trials.ts';
import { claimOf, Folder, lost, seenBy, studyOf } from '../../support/study-log.ts';

const standing = (trial: number, ...losses: (number | undefined)[]): Standing => ({
  trial,
  claims: [],
  losses: losses.map((loss) => (loss === undefined ? undefined : ([loss] as const))),
});

describe('of trials that race over two folds, with one in four promoted', () => {
  // After the first fold 4^(-1/2), a half, go on.
  const held = (...standings: readonly Standing[]) => [...heldBack(standings, 2, 4)];

  test('the worse half is held back after the first fold', () => {
    expect(held(standing(0, 0.4), standing(1, 0.1), standing(2, 0.3), standing(3, 0.2))).toEqual([2, 0]);
  });

  test('of an odd number the middle one goes on, and a lone one always', () => {
    expect(held(standing(0, 0.3), standing(1, 0.1), standing(2, 0.2))).toEqual([0]);
    expect(held(standing(0, 9))).toEqual([]);
  });

  test('the lower number goes on where two are equal', () => {
    expect(held(standing(0, 0.2), standing(1, 0.2))).toEqual([1]);
  });

  test('those that have done both are compared on the first alone', () => {
    // Both folds: 0.5 and 0.5 on average; on the first: 0.1 and 0.9.
    expect(held(standing(0, 0.1, 0.9), standing(1, 0.2), standing(2, 0.9, 0.1))).toEqual([]);
    expect(held(standing(0, 0.1, 0.9), standing(1, 0.2), standing(2, 0.05, 1))).toEqual([1]);
  });

  test('those whose second fold alone is told are no rivals on the first', () => {
    expect(held(standing(0, undefined, 0.1), standing(1, 0.9))).toEqual([]);
  });

  test('of several objectives those are held back that are behind the front, or crowded on it', () => {
    const at = (trial: number, first: number, second: number): Standing => ({
      trial,
      claims: [],
      losses: [[first, second]],
    });
    // Two of four go on: the ends of the front, whatever the first objective says.
    const ends = [at(0, 0.1, 0.9), at(3, 0.9, 0.1)];
    expect(held(...ends, at(1, 0.45, 0.5), at(2, 0.5, 0.95))).toEqual([1, 2]);
    expect(held(at(0, 0.1, 0.2), at(1, 0.2, 0.1), at(2, 0.15, 0.9), at(3, 0.9, 0.15))).toEqual([2, 3]);
  });

  test('one that was held back goes on when others turn out to be worse', () => {
    const two = [standing(0, 0.1), standing(1, 0.2)];
    expect(held(...two)).toEqual([1]);
    expect(held(...two, standing(2, 0.3), standing(3, 0.4))).toEqual([3, 2].toReversed());
  });

  test('the second fold waits for the first only where that may hold the trial back', () => {
    const fresh = standing(5, undefined);
    expect(mayBeHeldBack([fresh], fresh, 2, 4)).toBe(false);
    expect(mayBeHeldBack([standing(0, 0.1), fresh], fresh, 2, 4)).toBe(true);
    // Of two trials over five folds, 3^(-1/5) are 1.6, so both go on.
    expect(mayBeHeldBack([standing(0, 0.1), fresh], fresh, 5, 3)).toBe(false);
  });
});

test('over five folds, after m of them 3^(-m/5) of 20 trials are in the race: 17, 13, 11, 9', () => {
  const counts = [1, 2, 3, 4].map((done) => {
    const standings = Array.from({ length: 20 }, (_, trial) =>
      standing(trial, ...Array.from({ length: done }, () => trial)),
    );
    return 20 - heldBack(standings, 5, 3).size;
  });
  expect(counts).toEqual([17, 13, 11, 9]);
});

const raced = (trials: number, count = 3): Folder => new Folder(studyOf(trials, { count, race: true }));
const place = ({ trial, rung, fold }: Claim) => [trial, rung, fold];

describe('a lane that asks for a study with folds', () => {
  test('is given the next fold of what was begun, then a promotion, then a new trial', () => {
    const folder = raced(9);
    const given = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(() => {
      const claim = claimOf(folder.ask(0));
      folder.tell(claim, 0.5 + claim.trial / 10);
      return place(claim);
    });
    expect(given).toEqual([
      ...[0, 1, 2].map((fold) => [0, 0, fold]),
      ...[0, 1, 2].map((fold) => [1, 0, fold]),
      ...[0, 1, 2].map((fold) => [2, 0, fold]),
      [2, 1, 0],
    ]);
  });

  test('takes the folds of one trial side by side with others', () => {
    const folder = raced(9);
    expect([0, 1, 2, 3].map((lane) => place(claimOf(folder.ask(lane))))).toEqual([
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 2],
      [1, 0, 0],
    ]);
  });

  test('begins another trial while a first fold is out that may stop its own', () => {
    const folder = raced(6, 2);
    // 3^(-1/2) of 3 are 1.7: one of three is stopped after the first fold.
    for (const trial of [0, 0, 1, 1]) expect(claimOf(tellNext(folder, 0.9)).trial).toBe(trial);
    const out = claimOf(folder.ask(0));
    expect(place(out)).toEqual([2, 0, 0]);
    expect(place(claimOf(folder.ask(1)))).toEqual([3, 0, 0]);
    folder.tell(out, 0.1);
    // The first fold was bad: no second one. Two are done and one is out, so that a third is owed a promotion.
    expect(place(claimOf(folder.ask(0)))).toEqual([0, 1, 0]);
  });

  test('takes the second fold of such a trial where there is nothing else to do', () => {
    const folder = raced(3, 2);
    for (let claim = 0; claim < 4; claim++) tellNext(folder, 0.9);
    expect(place(claimOf(folder.ask(0)))).toEqual([2, 0, 0]);
    expect(place(claimOf(folder.ask(1)))).toEqual([2, 0, 1]);
  });

  test('with the race switched off gives every trial all of its folds', () => {
    const folder = new Folder(studyOf(6, { count: 2, race: false }));
    runAlone(folder, ({ trial }) => -trial);
    const first = trialsOf(folder.study, folder.history, true).map(({ rungs }) => rungs.length > 0);
    expect(first).toEqual([true, true, true, true, true, true]);
  });

  test('gives no further fold to a trial of which one failed, nor a promotion', () => {
    const folder = raced(3);
    const [first, second] = [claimOf(folder.ask(0)), claimOf(folder.ask(1))];
    folder.history.end(second.number, lost(second));
    folder.tell(first, 0.9);
    expect(place(claimOf(folder.ask(0)))).toEqual([1, 0, 0]);
    const trial = trialsOf(folder.study, folder.history, true)[0]!;
    expect(trial).toMatchObject({ state: 'failed', rungs: [], failure: { error: 'TrainableFailed' } });
    expect(trial.begun).toMatchObject({ value: 0.9, spread: { values: [0.9, null, null] } });
  });

  test('takes over the fold of an execution that died, and no other', () => {
    const folder = raced(3);
    const dead = [0, 1].map((lane) => claimOf(folder.ask(lane)));
    folder.tell(dead[0]!, 0.5);
    const heir = claimOf(folder.ask(0, 'e2'));
    expect(heir).toMatchObject({ trial: 0, rung: 0, fold: 1, attempt: 2, params: dead[1]!.params });
    expect(place(claimOf(folder.ask(1, 'e2')))).toEqual([0, 0, 2]);
  });
});

function tellNext(folder: Folder, value: number) {
  const asked = folder.ask(0);
  folder.tell(claimOf(asked), value);
  return asked;
}

/** One lane to the end. Gives the claims. */
function runAlone(folder: Folder, valued: (claim: Claim) => number): readonly Claim[] {
  for (;;) {
    const asked = folder.ask(0);
    if (asked.kind === 'done') return folder.history.claims;
    folder.tell(claimOf(asked), valued(claimOf(asked)));
  }
}

test('a trial is worth the mean of its folds, with their deviation', () => {
  const folder = raced(1);
  for (const value of [0.6, 0.7, 0.8]) tellNext(folder, value);
  tellNext(folder, 0.9);
  const [trial] = trialsOf(folder.study, folder.history, false);
  expect(trial!.rungs).toHaveLength(1);
  expect(trial!.rungs[0]).toMatchObject({
    outcome: { value: expect.closeTo(0.7, 12), seconds: 0, model: null },
    // The root of (0.01 + 0 + 0.01) / 3.
    spread: { values: [0.6, 0.7, 0.8], std: expect.closeTo(0.0816496580927726, 12) },
  });
  expect(trial!.begun).toMatchObject({ rung: 1, value: 0.9, spread: { values: [0.9, null, null], std: 0 } });
});

test('a bad first fold stops a trial, which is pruned with what it had and is never the best', () => {
  const folder = raced(9, 3);
  // By its first fold trial 8 is the worst, by the others it would be the best.
  runAlone(folder, ({ trial, fold }) => (trial === 8 ? (fold === 0 ? 0.1 : 1) : 0.5 + trial / 100));
  const trials = trialsOf(folder.study, folder.history, true);
  expect(trials[8]).toMatchObject({ state: 'pruned', rungs: [], begun: { value: 0.1 } });
  const best = bestTrial(folder.study, trials)!;
  expect([best.number, latestValue(best)]).toEqual([7, expect.closeTo(0.57, 12)]);
});

/** Normally distributed (Box and Muller). */
function normal(seed: string): number {
  const next = stream(seed);
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

test('the race finds as good trials with a fifth of the folds less, where folds differ as much as trials do', () => {
  /** A fold may be hard for all, and moves each trial by itself too. */
  const search = (seed: number, race: boolean) => {
    const folder = new Folder(studyOf(40, { count: 5, race }));
    const quality = ({ trial }: Pick<Claim, 'trial'>) => normal(`${seed}/${trial}`);
    const claims = runAlone(
      folder,
      (claim) =>
        quality(claim) +
        normal(`${seed}/fold ${claim.fold}`) +
        normal(`${seed}/${claim.trial}/${claim.fold}`) +
        claim.rung,
    );
    const { number } = bestTrial(folder.study, trialsOf(folder.study, folder.history, true))!;
    return { folds: claims.length, found: quality({ trial: number }) };
  };
  const seeds = [1, 2, 3, 4, 5];
  const [on, off] = [true, false].map((race) => seeds.map((seed) => search(seed, race)));
  const sum = (of: typeof on, what: 'folds' | 'found') => of!.reduce((total, each) => total + each[what], 0);
  expect(sum(on, 'folds')).toBeLessThan(0.85 * sum(off, 'folds'));
  expect(sum(on, 'found')).toBeGreaterThan(0.95 * sum(off, 'found'));
});

describe.each([
  { count: 2, race: true },
  { count: 5, race: true },
  { count: 3, race: false },
])('with any number of lanes, deaths, failures and values, over $count folds (race: $race)', (folds) => {
  const anyRun = fc.array(fc.nat({ max: 60 }), { minLength: 200, maxLength: 200 });

  function run(study: Study, dice: readonly number[]): Folder {
    const folder = new Folder(study);
    const busy = new Map<number, Claim>();
    let execution = 0;
    for (const die of dice) {
      const lane = die % 4;
      const claim = busy.get(lane);
      if (die === 60) {
        execution += 1;
        busy.clear();
      } else if (claim) {
        if (die < 3) folder.history.end(claim.number, lost(claim));
        else folder.tell(claim, ((claim.trial * 7919 + (claim.fold ?? 0) * 31) % 100) / 100);
        busy.delete(lane);
      } else {
        const decision = folder.ask(lane, `e${execution}`);
        if (decision.kind === 'claim' || decision.kind === 'own') busy.set(lane, decision.claim);
      }
    }
    return folder;
  }

  test('every fold of every rung is told at most once, in order, and never beyond the budget', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), anyRun, (trials, dice) => {
        const { history } = run(studyOf(trials, folds), dice);
        const name = (of: Pick<Claim, 'trial' | 'rung' | 'fold'>) => place(of as Claim).join('-');
        const attempts = history.claims.map((claim) => `${name(claim)}#${claim.attempt}`);
        expect(new Set(attempts).size).toBe(attempts.length);
        const events = [...history.events].map(name);
        expect(new Set(events).size).toBe(events.length);
        for (const { trial, fold } of history.claims) {
          expect(trial).toBeLessThan(trials);
          expect(fold).toBeLessThan(folds.count);
        }
        // A trial that has risen has all folds of the rung before.
        for (const { trial, rung } of history.claims.filter((claim) => claim.rung > 0))
          expect(history.rung(rung - 1).get(trial)).toHaveLength(folds.count);
      }),
    );
  });

  test('any claim can be decided again from what it says it saw', () => {
    fc.assert(
      fc.property(anyRun, (dice) => {
        const study: Study = { ...studyOf(12, folds), sampler: { kind: 'tpe', startup: 3, candidates: 4 } };
        const { history } = run(study, dice);
        for (const claim of history.claims)
          expect(decide(study, seenBy(claim, history), claim, 0)).toEqual({ kind: 'claim', claim });
      }),
      { numRuns: 30 },
    );
  });

  test('it ends, and some trial that did not fail has a value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), anyRun, (trials, dice) => {
        const folder = run(studyOf(trials, folds), dice);
        for (let asks = 0; !isDone(folder.study, folder.history); asks++) {
          expect(asks).toBeLessThan(1000);
          const asked = folder.ask(0, 'last');
          if (asked.kind !== 'wait') folder.tell(claimOf(asked), 0.5);
        }
        const trialsThen = trialsOf(folder.study, folder.history, true);
        const alive = trialsThen.some(({ state }) => state !== 'failed');
        expect(bestTrial(folder.study, trialsThen) !== undefined).toBe(alive);
      }),
    );
  });
});
