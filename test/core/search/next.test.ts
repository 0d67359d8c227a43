import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim } from '../../../core/contracts/study.ts';
import { bestTrial } from '../../../core/search/front.ts';
import { decideAgain } from '../../../core/search/next.ts';
import { latestValue, trialsOf } from '../../../core/search/trials.ts';
import { claimOf, Folder, lost, schedulers, seenBy, studyOf } from '../../support/study-log.ts';

describe('a lane that asks', () => {
  test('begins new trials until one is owed a promotion, and then promotes the best', () => {
    const folder = new Folder(studyOf(9));
    for (const value of [0.6, 0.8, 0.7]) folder.tell(claimOf(folder.ask(0)), value);
    expect(claimOf(folder.ask(0))).toMatchObject({ trial: 1, rung: 1, attempt: 1 });
  });

  test('gets its own open claim again when it asks twice', () => {
    const folder = new Folder(studyOf(9));
    const first = claimOf(folder.ask(0));
    expect(folder.ask(0)).toEqual({ kind: 'own', claim: first });
    expect(claimOf(folder.ask(1)).trial).toBe(1);
  });

  test('takes over the claim of an execution that died, with the parameters it had', () => {
    const folder = new Folder(studyOf(9));
    const dead = claimOf(folder.ask(0, 'e1'));
    const next = claimOf(folder.ask(0, 'e2'));
    expect(next).toMatchObject({ trial: dead.trial, rung: dead.rung, attempt: 2, params: dead.params });
    expect([dead.number, next.number]).toEqual([0, 1]);
    expect(claimOf(folder.ask(1, 'e2')).trial).toBe(1);
  });

  test('waits while another lane may still bring about a promotion, and ends when none is left', () => {
    const folder = new Folder(studyOf(2));
    const [a, b] = [claimOf(folder.ask(0)), claimOf(folder.ask(1))];
    folder.tell(a, 0.5);
    expect(folder.ask(0).kind).toBe('wait');
    folder.tell(b, 0.6);
    // Two are fewer than eta; nobody else will come, so the better one goes on to the end.
    const second = claimOf(folder.ask(0));
    expect(second).toMatchObject({ trial: 1, rung: 1 });
    folder.tell(second, 0.65);
    const third = claimOf(folder.ask(0));
    expect(third).toMatchObject({ trial: 1, rung: 2 });
    folder.tell(third, 0.7);
    expect(folder.ask(0).kind).toBe('done');
  });

  test('never promotes a trial that failed', () => {
    const folder = new Folder(studyOf(3));
    const claims = [claimOf(folder.ask(0)), claimOf(folder.ask(1)), claimOf(folder.ask(2))];
    folder.history.end(claims[0]!.number, lost(claims[0]!));
    folder.tell(claims[1]!, 0.5);
    folder.tell(claims[2]!, 0.4);
    expect(claimOf(folder.ask(0))).toMatchObject({ trial: 1, rung: 1 });
  });

  test('with any number of lanes, deaths and values, every trial is begun once and every rung is told once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(...schedulers),
        fc.array(fc.nat({ max: 9 }), { minLength: 400, maxLength: 400 }),
        (trials, lanes, scheduler, dice) => {
          const folder = new Folder({ ...studyOf(trials), scheduler });
          const busy = new Map<number, Claim>();
          let execution = 0;
          for (const die of dice) {
            const lane = die % lanes;
            const claim = busy.get(lane);
            if (die === 9) {
              execution += 1;
              busy.clear();
            } else if (claim) {
              folder.tell(claim, ((claim.trial * 7919) % 100) / 100);
              busy.delete(lane);
            } else {
              const decision = folder.ask(lane, `e${execution}`);
              if (decision.kind === 'claim' || decision.kind === 'own') busy.set(lane, decision.claim);
            }
          }
          const keysOf = (of: readonly { trial: number; rung: number; attempt: number }[]) =>
            of.map(({ trial, rung, attempt }) => `${trial}-${rung}-${attempt}`);
          const { claims } = folder.history;
          const events = [...folder.history.events];
          const begun = new Set(claims.map((each) => each.trial));
          expect(claims.map(({ number }) => number)).toEqual(claims.map((_, number) => number));
          expect(new Set(keysOf(claims)).size).toBe(claims.length);
          expect(new Set(events.map(({ trial, rung }) => `${trial}-${rung}`)).size).toBe(events.length);
          expect([...begun].sort((a, b) => a - b)).toEqual(Array.from({ length: begun.size }, (_, i) => i));
          expect(begun.size).toBeLessThanOrEqual(trials);
        },
      ),
    );
  });
});

const tpe = { kind: 'tpe', startup: 3, candidates: 4 } as const;

test.each([
  { sampler: { kind: 'random' as const }, scheduler: studyOf(1).scheduler },
  ...schedulers.map((scheduler) => ({ sampler: tpe, scheduler })),
])(
  'any claim of a study with $sampler.kind and $scheduler.kind can be decided again from what it says it saw',
  ({ sampler, scheduler }) => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { minLength: 120, maxLength: 120 }), (dice) => {
        const folder = new Folder({ ...studyOf(25), sampler, scheduler });
        const busy = new Map<number, Claim>();
        let execution = 0;
        for (const die of dice) {
          const lane = die % 3;
          const claim = busy.get(lane);
          if (die === 40) {
            execution += 1;
            busy.clear();
          } else if (claim && die < 8) {
            folder.history.end(claim.number, lost(claim));
            busy.delete(lane);
          } else if (claim) {
            folder.tell(claim, ((claim.trial * 7919) % 100) / 100);
            busy.delete(lane);
          } else {
            const decision = folder.ask(lane, `e${execution}`);
            if (decision.kind === 'claim' || decision.kind === 'own') busy.set(lane, decision.claim);
          }
        }
        for (const claim of folder.history.claims)
          expect(decideAgain(folder.study, seenBy(claim, folder.history), claim)).toEqual({
            kind: 'claim',
            claim,
          });
      }),
      { numRuns: 30 },
    );
  },
);

describe('the trials of a study', () => {
  test('are pruned where the study ended and they were not promoted, and the best value wins', () => {
    const folder = new Folder(studyOf(3));
    const values = [0.5, 0.9, 0.7];
    const claims = values.map((_, lane) => claimOf(folder.ask(lane)));
    claims.forEach((claim, lane) => {
      folder.tell(claim, values[lane]!);
    });
    const promoted = claimOf(folder.ask(0));
    folder.tell(promoted, 0.95);
    const trials = trialsOf(studyOf(3), folder.history, true);
    expect(trials.map(({ state }) => state)).toEqual(['pruned', 'pruned', 'pruned']);
    expect(trialsOf(studyOf(3), folder.history, false).map(({ state }) => state)).toEqual([
      'waiting',
      'waiting',
      'waiting',
    ]);
    const best = bestTrial(studyOf(3), trials)!;
    expect([best.number, latestValue(best)]).toEqual([1, 0.95]);
  });

  test('count the last attempt, when a claim that was thought dead is told after all', () => {
    const folder = new Folder(studyOf(1));
    const dead = claimOf(folder.ask(0, 'e1'));
    const heir = claimOf(folder.ask(0, 'e2'));
    folder.tell(heir, 0.4);
    folder.tell(dead, 0.3);
    expect(trialsOf(studyOf(1), folder.history, true)[0]!.rungs.map(({ outcome }) => outcome.value)).toEqual([
      0.4,
    ]);
  });
});
