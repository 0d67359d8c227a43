import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim, Study } from '../../../core/contracts/study.ts';
import { type Log, replay } from '../../../core/search/replay.ts';
import { Folder, lost, schedulers, studyOf } from '../../support/study-log.ts';

const tpe = { kind: 'tpe', startup: 3, candidates: 4 } as const;

/** Three lanes work as the dice fall: they finish, fail and are killed, and the study is given more trials in the middle. */
function worked(study: Study, dice: readonly number[]): Log {
  const budgets = [study, { ...study, budget: 1, trials: 2 * study.trials, sampler: tpe }];
  const folder = new Folder(study);
  const busy = new Map<number, Claim>();
  let execution = 0;
  for (const [at, die] of dice.entries()) {
    if (at === Math.floor(dice.length / 2)) folder.study = budgets[1]!;
    const lane = die % 3;
    const claim = busy.get(lane);
    if (die === 40) {
      execution += 1;
      busy.clear();
    } else if (claim && die < 4) {
      folder.history.end(claim.number, lost(claim));
      busy.delete(lane);
    } else if (claim) {
      folder.tell(claim, ((claim.trial * 7919 + (claim.fold ?? 0)) % 100) / 100);
      busy.delete(lane);
    } else {
      const decision = folder.ask(lane, `e${execution}`);
      if (decision.kind === 'claim' || decision.kind === 'own') busy.set(lane, decision.claim);
    }
  }
  const { claims } = folder.history;
  return {
    studyBy: (budget) => budgets[budget],
    claims,
    eventOf: (number) => folder.history.eventOf(claims[number]!),
  };
}

const dice = Array.from({ length: 400 }, (_, at) => (at * 7919 + 13 * Math.floor(at / 41)) % 41);
const log = worked({ ...studyOf(12), sampler: { kind: 'random' } }, dice);
const countOf = (of: Log) => {
  const { suggestions, promotions, folds, takeovers } = replay(of);
  return suggestions + promotions + folds + takeovers;
};

describe.each([
  ['plain', studyOf(12)],
  ['folded', studyOf(6, { count: 3, race: true })],
  ['with points', { ...studyOf(12), points: [{ rate: 0.25 }, { rate: 0.5 }] }],
  ['deterministic', { ...studyOf(12), batch: 3 }],
  ['deterministic, folded', { ...studyOf(6, { count: 3, race: true }), batch: 4 }],
  ['stopping', { ...studyOf(12), scheduler: schedulers[4]! }],
] as [string, Study][])('a %s study', (_, study) => {
  test('replays, whatever lanes did, were killed at, and was asked for later', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { minLength: 150, maxLength: 150 }), (thrown) => {
        const one = worked(study, thrown);
        expect(replay(one).difference).toBeNull();
        expect(countOf(one)).toBe(one.claims.length);
      }),
      { numRuns: 30 },
    );
  });
});

test('what was checked is counted by what it was', () => {
  const { difference, ...counts } = replay(log);
  expect(difference).toBeNull();
  const countOfThose = (holds: (claim: Claim) => boolean) => log.claims.filter(holds).length;
  expect(counts).toEqual({
    suggestions: countOfThose(({ attempt, rung }) => attempt === 1 && rung === 0),
    promotions: countOfThose(({ attempt, rung }) => attempt === 1 && rung > 0),
    takeovers: countOfThose(({ attempt }) => attempt > 1),
    folds: 0,
  });
  for (const kind of ['suggestions', 'promotions', 'takeovers'] as const)
    expect(counts[kind]).toBeGreaterThan(2);
});

/** The same log but for one claim. */
const altered = (number: number, change: Partial<Claim>): Log => ({
  ...log,
  claims: log.claims.map((claim, at) => (at === number ? { ...claim, ...change } : claim)),
});
const last = (holds: (claim: Claim) => boolean) => log.claims.findLast(holds)!;

describe('a log that somebody changed is found out:', () => {
  const suggested = last(({ rung, attempt, budget }) => rung === 0 && attempt === 1 && budget === 1);
  test.each<[string, Log, object]>([
    [
      'a parameter',
      altered(suggested.number, { params: { rate: 0.123 } }),
      { claim: suggested.number, what: 'params', expected: suggested.params, given: { rate: 0.123 } },
    ],
    [
      'who was promoted',
      altered(last(({ rung }) => rung === 1).number, { trial: 0 }),
      { claim: last(({ rung }) => rung === 1).number, what: 'trial', given: 0 },
    ],
    [
      'the budget',
      altered(suggested.number, { budget: 2 }),
      { claim: suggested.number, what: 'budget 2', given: 'nothing' },
    ],
    [
      'what was open',
      altered(suggested.number, { open: [...suggested.open, 0] }),
      { claim: suggested.number, what: 'claim 0 was open to it' },
    ],
  ])('%s', (_, changed, difference) => {
    expect(replay(changed).difference).toMatchObject(difference);
  });

  test('a value, by the first that was proposed or promoted by it', () => {
    const best = { ...log.eventOf(0)! };
    const value = { ...best, outcome: { ...best.outcome, value: 2 } } as typeof best;
    const changed = { ...log, eventOf: (number: number) => (number === 0 ? value : log.eventOf(number)) };
    expect(best.outcome.kind).toBe('reported');
    expect(replay(changed).difference).toMatchObject({
      what: expect.stringMatching(/^(params|trial|rung)$/),
    });
  });

  test('an outcome that is gone, or is about another trial', () => {
    const told = (event: ReturnType<Log['eventOf']>) => ({
      ...log,
      eventOf: (number: number) => (number === 3 ? event : log.eventOf(number)),
    });
    expect(replay(told(undefined)).difference).toMatchObject({
      what: 'the outcome of claim 3, which its ask had seen',
      given: 'nothing',
    });
    expect(replay(told({ ...log.eventOf(3)!, trial: 9 })).difference).toMatchObject({
      what: 'the event of claim 3',
      given: { trial: 9 },
    });
  });
});
