import { describe, expect, test } from 'vitest';
import type { Stop } from '../../../core/contracts/stop.ts';
import { isDone } from '../../../core/search/next.ts';
import { trialsOf } from '../../../core/search/trials.ts';
import { play, tableOf, world } from '../../support/lanes-at-work.ts';
import { claimOf, Folder, lost, schedulers, studyOf } from '../../support/study-log.ts';

const none = { kind: 'none' as const, rungs: [9] };

/** A study that maximises, all of whose trials are trained to the end. */
const folderOf = (stop: Stop, trials = 30) => new Folder({ ...studyOf(trials), scheduler: none, stop });

/** One lane trains trials to these values, and null fails, until the study is stopped; so many it began. */
function begun(folder: Folder, values: readonly (number | null)[]): number {
  for (const [at, value] of values.entries()) {
    const decision = folder.ask(0);
    if (decision.kind === 'done') return at;
    const claim = claimOf(decision);
    if (value === null) folder.history.end(claim.number, lost(claim));
    else folder.tell(claim, value);
  }
  return folder.ask(0).kind === 'done' ? values.length : Infinity;
}

describe('a study is stopped', () => {
  test('by the first trial that reaches the target', () => {
    const folder = folderOf({ target: 0.8 });
    expect(begun(folder, [0.5, 0.79, null, 0.8, 0.9])).toBe(4);
    expect(folder.study.stopped).toMatchObject({
      reason: 'target',
      text: 'trial 3 reached auc 0.8, the target is 0.8',
    });
    const small = new Folder({ ...folderOf({ target: 0.3 }).study, direction: 'minimize' });
    expect(begun(small, [0.5, 0.31, 0.3])).toBe(3);
  });

  test('by so many trials in a row that make the best no better, failed ones among them', () => {
    const folder = folderOf({ patience: { trials: 3, min_delta: 0 } });
    expect(begun(folder, [0.5, 0.4, 0.6, 0.6, null, 0.1, 0.9])).toBe(6);
    expect(folder.study.stopped!.text).toBe('3 trials were no better than trial 2 with auc 0.6');
  });

  test('where what is better by little is no better, though many littles are', () => {
    const folder = folderOf({ patience: { trials: 2, min_delta: 0.1 } });
    expect(begun(folder, [0.5, 0.55, 0.61, 0.66, 0.7])).toBe(5);
  });

  test('by so many failures, whatever the others came to', () => {
    expect(begun(folderOf({ failures: 2 }), [0.5, null, 0.6, null, 0.7])).toBe(4);
  });

  test('where it does not say how many may fail, by the first ten if all did, and never once one did not', () => {
    const nulls = Array.from({ length: 20 }, () => null);
    const folder = folderOf({});
    expect(begun(folder, nulls)).toBe(10);
    expect(folder.study.stopped!.text).toBe('the first 10 trials all failed');
    expect(begun(folderOf({}, 40), [...nulls.slice(0, 9), 0.5, ...nulls])).toBe(Infinity);
  });

  test('when it had its time, of which that does not count in which nothing ran', () => {
    const folder = folderOf({ seconds: 60 });
    const first = claimOf(folder.ask(0, 'e1'));
    folder.now = 50_000;
    folder.history.end(first.number, { ...lost(first), at: 50_000 });
    // A day later another command goes on; it has ten seconds.
    folder.now = 86_400_000;
    const second = claimOf(folder.ask(0, 'e2'));
    folder.now += 9_000;
    folder.history.end(second.number, { ...lost(second), at: folder.now });
    const third = claimOf(folder.ask(0, 'e2'));
    folder.now += 1_000;
    expect(folder.ask(1, 'e2').kind).toBe('done');
    expect(folder.study.stopped).toEqual({ reason: 'time', text: 'it had its 60 seconds', at: 86_410_000 });
    expect(folder.ask(0, 'e2')).toEqual({ kind: 'own', claim: third });
  });
});

describe('a study that is stopped', () => {
  test('finishes what was begun, also what a dead execution began, and nothing else', () => {
    const folder = new Folder({ ...studyOf(9), stop: { target: 0.8 } });
    const [a, b] = [claimOf(folder.ask(0, 'e1')), claimOf(folder.ask(1, 'e1'))];
    folder.tell(a, 0.9);
    expect(folder.ask(0, 'e1').kind).toBe('done');
    expect(isDone(folder.study, folder.history)).toBe(false);
    const heir = claimOf(folder.ask(0, 'e2'));
    expect(heir).toMatchObject({ trial: b.trial, attempt: 2 });
    folder.tell(heir, 0.1);
    expect(folder.ask(0, 'e2').kind).toBe('done');
    expect(isDone(folder.study, folder.history)).toBe(true);
    expect(trialsOf(folder.study, folder.history, true)[0]).toMatchObject({
      state: 'pruned',
      reason:
        'place 1 of 2 after 1 rounds, of which 1 go on; the study was stopped (trial 0 reached auc 0.9, the target is 0.8)',
    });
  });

  test('is not told so where it had all of its trials', () => {
    const folder = folderOf({ target: 0.8 }, 2);
    expect(begun(folder, [0.5, 0.9])).toBe(2);
    expect(folder.study.stopped).toBeUndefined();
  });

  test('in deterministic mode is stopped at the same place by all', () => {
    for (const scheduler of schedulers) {
      const study = {
        ...studyOf(40),
        scheduler,
        batch: 3,
        stop: { patience: { trials: 5, min_delta: 0.01 } },
      };
      const folders = ['a', 'b', 'c'].map((dice, lanes) =>
        play(study, world, { lanes: 1 + 2 * lanes, dice, deaths: 0.02 * lanes }),
      );
      const tables = folders.map((folder) => JSON.stringify(tableOf(folder)));
      expect(folders[0]!.study.stopped).toBeDefined();
      expect(folders[0]!.history.begun).toBeLessThan(40);
      expect(tables).toEqual([tables[0], tables[0], tables[0]]);
    }
  });
});
