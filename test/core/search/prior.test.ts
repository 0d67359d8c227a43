import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import type { Prior } from '../../../core/contracts/prior.ts';
import { Sampler, SamplerInput } from '../../../core/contracts/sampler.ts';
import { Space } from '../../../core/contracts/space.ts';
import type { Study } from '../../../core/contracts/study.ts';
import { digestOf } from '../../../core/digest.ts';
import { priorsOf, withPrior } from '../../../core/search/prior.ts';
import { sampleRandom } from '../../../core/search/random.ts';
import type { Params } from '../../../core/search/space.ts';
import { encodeJson } from '../../../core/store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { claimOf, Folder, studyOf } from '../../support/study-log.ts';

const space = Space.parse({
  a: { low: -5, high: 10 },
  b: { low: 0, high: 15 },
  rate: { low: 1e-4, high: 1, log: true },
});

/** Branin's function (least value .397887) with a rate that is best at .01. */
function branin({ a, b, rate }: Params): number {
  const [x, y] = [Number(a), Number(b)];
  const curve = y - (5.1 * x ** 2) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6;
  const rest = 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  return curve ** 2 + rest + 20 * (Math.log10(Number(rate)) + 2) ** 2;
}

const seeds = [1, 2, 3, 4, 5];

/** Forty trials by chance of a study, with what `of` says of them. */
const source = (seed: number, of: (params: Params) => number, alike: boolean): Prior['sources'][number] => {
  const params = Array.from({ length: 40 }, (_, k) => sampleRandom({ seed: seed + 100, space }, k));
  const trials = params.map((each) => ({ params: each, losses: [of(each)], below: 0 }));
  return { study: 'other-000000000000', alike, leftOut: [], trials };
};

const warmed = (study: Study, ...sources: Prior['sources']): Study => ({
  ...study,
  shown: { sources },
  prior: { digest: '', sources: [] },
});

const studyBy = (kind: string, seed: number): Study => ({
  ...studyOf(15),
  ...{ seed, space, direction: 'minimize' as const, sampler: Sampler.parse(SamplerInput.parse(kind)) },
  scheduler: { kind: 'none', rungs: [1] },
});

/** The losses of fifteen trials, one after the other. */
function lossesOf(study: Study): number[] {
  const folder = new Folder(study);
  return Array.from({ length: 15 }, () => {
    const claim = claimOf(folder.ask(0));
    const loss = branin(claim.params);
    folder.tell(claim, loss);
    return loss;
  });
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const bests = (of: (seed: number) => Study) => seeds.map((seed) => lossesOf(of(seed)));

/** How much less the median loss of the first five trials must be: CMA-ES begins in the middle, which is not bad here. */
describe.each([
  ['gp', 1 / 5],
  ['tpe', 1 / 5],
  ['nsga2', 1 / 2],
  ['cmaes', 1],
])('%s', (kind, share) => {
  const cold = bests((seed) => studyBy(kind, seed));
  const best = (runs: readonly number[][]) => median(runs.map((run) => Math.min(...run)));
  const first = (runs: readonly number[][]) => median(runs.map((run) => median(run.slice(0, 5))));

  test.each([
    ['the same was tried', (params: Params) => branin(params), true],
    ['what is alike but on another scale was tried', (params: Params) => 1e4 * branin(params) + 3e5, false],
  ] as const)('begins better and ends better where %s', (_, of, alike) => {
    const warm = bests((seed) => warmed(studyBy(kind, seed), source(seed, of, alike)));
    expect(first(warm)).toBeLessThan(share * first(cold));
    expect(best(warm)).toBeLessThan(best(cold));
  });
});

const prior = source(1, branin, true);
const other = { ...source(1, branin, false), trials: prior.trials.slice(0, 4) };

test('trials of a study that did the same stand on the rungs that they reached, with their losses', () => {
  const study = { ...studyBy('tpe', 1), scheduler: studyOf(1).scheduler };
  const trials = [
    { params: {}, losses: [5], below: 0 },
    { params: {}, losses: [7], below: 2 },
  ];
  expect(priorsOf(warmed(study, { ...prior, trials }), [])).toEqual([
    { number: -1, params: {}, state: { kind: 'value', rung: 2, losses: [5] } },
    { number: -2, params: {}, state: { kind: 'value', rung: 0, losses: [7] } },
  ]);
});

test('of another study the order counts, below all rungs, until ten trials have ended; CMA-ES keeps them', () => {
  const trials = [30, 10, 20, 99].map((loss, k) => ({ params: {}, losses: [loss], below: k === 3 ? 1 : 0 }));
  const study = warmed(studyBy('tpe', 1), { ...other, trials });
  const own = (count: number) =>
    Array.from({ length: count }, (_, number) => ({
      ...{ number, params: {} },
      state: { kind: 'value' as const, rung: 0, losses: [number % 2 ? 100 : 400] as const },
    }));
  const shown = (of: Study, count: number) =>
    priorsOf(of, own(count)).map(({ state }) => state.kind === 'value' && [state.rung, ...state.losses]);
  expect(shown(study, 0)).toEqual([
    [-2, 2 / 3],
    [-2, 0],
    [-2, 1 / 3],
    [-3, 0],
  ]);
  // As far apart as those of the study itself.
  expect(shown(study, 9)).toEqual([
    [-2, 200],
    [-2, 0],
    [-2, 100],
    [-3, 0],
  ]);
  expect(shown(study, 10)).toEqual([]);
  expect(shown({ ...study, sampler: { kind: 'cmaes' } }, 10)).toHaveLength(4);
});

test('nothing is proposed without them, nor with others than the study was begun with', async () => {
  const { shown: _, ...study } = warmed(studyBy('tpe', 1), prior);
  expect(() => priorsOf(study, [])).toThrow('without its prior');
  const store = memoryStore();
  const begun = { ...study, prior: { digest: await digestOf({ sources: [prior] }), sources: [] } };
  await store.put(keys.prior(study.study), encodeJson({ sources: [prior] }));
  expect((await withPrior(store, begun)).shown).toEqual({ sources: [prior] });
  await store.put(keys.prior(study.study), encodeJson({ sources: [other] }));
  await expect(withPrior(store, begun)).rejects.toThrow('its digest is another');
});
