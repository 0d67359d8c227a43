import { describe, expect, it } from 'vitest';
import { sideBySide } from '../../../core/tracking/side-by-side.ts';

describe('sideBySide', () => {
  it('does all of it, never more than so many at once', async () => {
    let now = 0;
    let most = 0;
    const done: number[] = [];
    await sideBySide([5, 1, 4, 2, 3, 6], 3, async (item) => {
      most = Math.max(most, ++now);
      for (let turn = 0; turn < item; turn++) await undefined;
      now--;
      done.push(item);
    });
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(most).toBe(3);
  });

  it('begins nothing after a failure, and waits for what is under way', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const failed = sideBySide([0, 1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('no answer');
      for (let turn = 0; turn < 50; turn++) await undefined;
      ended.push(item);
    });
    await expect(failed).rejects.toThrow('no answer');
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([0]);
  });
});
