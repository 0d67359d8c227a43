import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pedAnova } from '../../../core/analysis/ped-anova.ts';
import type { Params, Space } from '../../../core/search/space.ts';

/** Written by `write.py` beside it: what Optuna 5 says of the same trials. */
interface Fixture {
  readonly direction: 'maximize' | 'minimize';
  readonly trials: readonly { readonly params: Params; readonly value: number }[];
  readonly importance: Readonly<Record<string, number>>;
}

const float = (low: number, high: number, log = false) => ({ kind: 'float', low, high, log }) as const;
const int = (low: number, high: number, log = false) => ({ kind: 'int', low, high, log }) as const;

const floats: Space = { a: float(-3, 3), b: float(-3, 3), c: float(-3, 3) };
const mixed: Space = {
  rate: float(1e-4, 1, true),
  leaves: int(4, 300, true),
  depth: int(1, 12),
  drop: { ...float(0, 0.5), step: 0.1 },
  kind: { kind: 'choice', options: ['gbdt', 'dart', 'goss'] },
};
const studies: readonly (readonly [string, Space])[] = [
  ['floats', floats],
  ['floats-maximize', floats],
  ['mixed', mixed],
  ['mixed-random', mixed],
  [
    'conditional',
    {
      kind: { kind: 'choice', options: ['linear', 'tree'] },
      l2: { ...float(1e-3, 1e3, true), when: { kind: ['linear'] } },
      depth: { ...int(1, 20), when: { kind: ['tree'] } },
      subsample: { ...float(0.5, 1), when: { kind: ['tree'] } },
    },
  ],
  ['ties', { x: int(0, 3), y: float(0, 1) }],
];

test.each(studies)('says of the study %s what Optuna says', (name, space) => {
  const path = new URL(`../../fixtures/importance/${name}.json`, import.meta.url);
  const { direction, trials, importance }: Fixture = JSON.parse(readFileSync(path, 'utf8'));
  const sign = direction === 'maximize' ? -1 : 1;
  const found = pedAnova(
    space,
    trials.map(({ params, value }) => ({ params, loss: sign * value })),
  );
  expect(found).toHaveLength(Object.keys(importance).length);
  for (const { parameter, share } of found) expect(share, parameter).toBeCloseTo(importance[parameter]!, 9);
  expect(found.map(({ share }) => share)).toEqual(found.map(({ share }) => share).toSorted((a, b) => b - a));
});

test('an axis of one value is of no importance, and too few trials say nothing', () => {
  const space: Space = { a: float(0, 1), fixed: { kind: 'choice', options: [3] } };
  const trial = (a: number) => ({ params: { a, fixed: 3 }, loss: a });
  expect(pedAnova(space, [])).toEqual([
    { parameter: 'a', share: 0 },
    { parameter: 'fixed', share: 0 },
  ]);
  expect(pedAnova(space, [trial(0.5)]).every(({ share }) => share === 0)).toBe(true);
  const many = Array.from({ length: 30 }, (_, at) => trial(at / 30));
  expect(pedAnova(space, many)).toEqual([
    { parameter: 'a', share: 1 },
    { parameter: 'fixed', share: 0 },
  ]);
});
