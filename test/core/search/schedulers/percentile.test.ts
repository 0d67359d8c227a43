import { describe, expect, test } from 'vitest';
import type { Claim } from '../../../../core/contracts/study.ts';
import { schedulerFrom } from '../../../../core/search/schedulers/rungs.ts';
import { trialsOf } from '../../../../core/search/trials.ts';
import pruners from '../../../fixtures/search/pruners.json' with { type: 'json' };
import { claimOf, Folder, studyOf } from '../../../support/study-log.ts';

const stopping = (form: object) => schedulerFrom({ kind: 'percentile', ...form } as never);

test.each(pruners.cases)(
  `trials stop where ${pruners.source} stops them: $direction, percentile $percentile, startup $startup`,
  ({ curves, stopped, direction, percentile, startup, warmup, interval, max }) => {
    const scheduler = stopping({ percentile, startup, warmup, interval, max });
    const study = { ...studyOf(curves.length), direction: direction as 'maximize', scheduler };
    const folder = new Folder(study);
    for (;;) {
      const decision = folder.ask(0);
      if (decision.kind === 'done') break;
      const claim = claimOf(decision);
      folder.tell(claim, curves[claim.trial]![claim.rung]!);
    }
    const trials = trialsOf(study, folder.history, true);
    const last = trials.map(({ rungs, state }) =>
      state === 'pruned' ? scheduler.rungs[rungs.length - 1] : null,
    );
    expect(last).toEqual(stopped);
    // One after the other: no trial is begun before the one before it ended.
    expect(folder.history.claims.map(({ trial }) => trial)).toEqual(
      folder.history.claims.map(({ trial }) => trial).toSorted((a, b) => a - b),
    );
  },
);

describe('lanes whose trials may stop', () => {
  const study = {
    ...studyOf(4),
    direction: 'minimize' as const,
    scheduler: stopping({ percentile: 50, startup: 1, warmup: 0, interval: 1, max: 3 }),
  };

  test('go on with their own, and begin new trials rather than take one that another is about to ask for', () => {
    const folder = new Folder(study);
    const [a, b] = [claimOf(folder.ask(0)), claimOf(folder.ask(1))];
    folder.tell(a, 0.5);
    folder.tell(b, 0.6);
    expect(claimOf(folder.ask(1))).toMatchObject({ trial: 1, rung: 1 });
    expect(claimOf(folder.ask(2))).toMatchObject({ trial: 2, rung: 0 });
    expect(claimOf(folder.ask(0))).toMatchObject({ trial: 0, rung: 1 });
  });

  test('take what a lane of an execution that died, or one that is busy, left', () => {
    const folder = new Folder(study);
    folder.tell(claimOf(folder.ask(0, 'e1')), 0.5);
    expect(claimOf(folder.ask(1, 'e2'))).toMatchObject({ trial: 0, rung: 1, lane: 1 });
  });

  test('take anybody’s when there is no new trial', () => {
    const folder = new Folder({ ...study, trials: 2 });
    const [a] = [claimOf(folder.ask(0)), claimOf(folder.ask(1))];
    folder.tell(a, 0.5);
    expect(claimOf(folder.ask(2))).toMatchObject({ trial: 0, rung: 1 });
  });

  test('stop a trial once and for all, though others that are worse were trained to the end since', () => {
    const folder = new Folder(study);
    const onwards = (claim: Claim, value: number): Claim => {
      folder.tell(claim, value);
      const next = claimOf(folder.ask(claim.lane));
      expect(next.trial).toBe(claim.trial);
      return next;
    };
    const slow = onwards(claimOf(folder.ask(1)), 0.9);
    folder.tell(onwards(onwards(claimOf(folder.ask(0)), 0.1), 0.1), 0.1);
    const stopped = claimOf(folder.ask(2));
    folder.tell(stopped, 0.5);
    // It was seen to be worse than the median, 0.1, by the ask that began the next.
    const next = claimOf(folder.ask(2));
    expect(next).toMatchObject({ trial: 3, rung: 0 });
    // Of 0.1 and 0.9 the median would be 0.5.
    folder.tell(onwards(slow, 0.05), 0.05);
    expect(trialsOf(folder.study, folder.history, false)[stopped.trial]).toMatchObject({
      state: 'pruned',
      reason: '0.5 by 1 rounds is worse than the median of 1 others, 0.1',
    });
    folder.tell(next, 0.9);
    expect(folder.ask(2).kind).toBe('done');
  });
});
