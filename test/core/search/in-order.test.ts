import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideAgain } from '../../../core/search/next.ts';
import { play, tableOf, world } from '../../support/lanes-at-work.ts';
import { claimOf, Folder, schedulers, seenBy, studyOf } from '../../support/study-log.ts';

const tpe = { kind: 'tpe', startup: 3, candidates: 4 } as const;
const settings = [
  ...schedulers.map((scheduler) => ({ name: scheduler.kind, scheduler, folds: undefined })),
  ...schedulers.map((scheduler) => ({
    name: `${scheduler.kind} with folds`,
    scheduler,
    folds: { count: 3, race: 'eta' in scheduler },
  })),
];

test.each(settings)(
  'with $name the table of trials is the same, whoever trains them, how long it takes and who dies',
  ({ scheduler, folds }) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(
          fc.record({
            lanes: fc.integer({ min: 1, max: 8 }),
            dice: fc.string(),
            deaths: fc.constantFrom(0, 0.02, 0.1),
          }),
          { minLength: 2, maxLength: 2 },
        ),
        (batch, plays) => {
          const study = {
            ...studyOf(12, folds),
            scheduler,
            batch,
            sampler: folds ? { kind: 'random' as const } : tpe,
          };
          const alone = tableOf(play(study, world, { lanes: 1, dice: '', deaths: 0 }));
          expect(alone).toHaveLength(12);
          for (const one of plays)
            expect(JSON.stringify(tableOf(play(study, world, one)))).toBe(JSON.stringify(alone));
        },
      ),
      { numRuns: 5 },
    );
  },
  30_000,
);

test('every claim of it can be decided again from what it says it saw', () => {
  for (const scheduler of schedulers) {
    const study = { ...studyOf(16), scheduler, batch: 4, sampler: tpe };
    const { history } = play(study, world, { lanes: 5, dice: 'again', deaths: 0.05 });
    expect(history.claims.some(({ attempt }) => attempt > 1)).toBe(true);
    for (const claim of history.claims)
      expect(decideAgain(study, seenBy(claim, history), claim)).toEqual({ kind: 'claim', claim });
  }
});

test('without it tables differ', () => {
  const study = { ...studyOf(16), sampler: tpe };
  const tables = ['a', 'b', 'c'].map((dice) =>
    JSON.stringify(tableOf(play(study, world, { lanes: 5, dice, deaths: 0 }))),
  );
  expect(new Set(tables).size).toBeGreaterThan(1);
});

describe('lanes that keep to an order', () => {
  const study = { ...studyOf(9), scheduler: { kind: 'none' as const, rungs: [9] }, batch: 2, sampler: tpe };

  test('are at most a batch, and begin the next when the one that is so far before has ended', () => {
    const folder = new Folder(study);
    const [a, b] = [claimOf(folder.ask(0)), claimOf(folder.ask(1))];
    expect(folder.ask(2).kind).toBe('wait');
    // The second has ended, and the third may not see that: it would not have, had the first been quicker.
    folder.tell(b, 0.5);
    expect(folder.ask(1).kind).toBe('wait');
    folder.tell(a, 0.6);
    expect(claimOf(folder.ask(1))).toMatchObject({ trial: 2, open: [b.number] });
  });

  test('see an outcome more where there is nothing to begin without it', () => {
    const folder = new Folder({ ...study, trials: 3, scheduler: { kind: 'asha', eta: 3, rungs: [1, 3] } });
    const [a, b] = [claimOf(folder.ask(0)), claimOf(folder.ask(1))];
    folder.tell(a, 0.5);
    const c = claimOf(folder.ask(0));
    folder.tell(b, 0.6);
    expect(folder.ask(1).kind).toBe('wait');
    folder.tell(c, 0.4);
    expect(claimOf(folder.ask(1))).toMatchObject({ trial: 1, rung: 1, open: [] });
  });
});
