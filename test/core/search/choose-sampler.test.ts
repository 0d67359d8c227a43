import { describe, expect, test } from 'vitest';
import { SamplerInput } from '../../../core/contracts/sampler.ts';
import { Space } from '../../../core/contracts/space.ts';
import { chooseSampler } from '../../../core/search/choose-sampler.ts';

const unit = { low: 0, high: 1 };
const floats = (count: number) =>
  Space.parse(Object.fromEntries(Array.from({ length: count }, (_, k) => [`x${k}`, unit])));
const mixed = Space.parse({ rate: unit, kind: ['a', 'b', 'c'] });
const auto = SamplerInput.parse('auto');
const kindOf = (space: Parameters<typeof chooseSampler>[1], trials: number) =>
  chooseSampler(auto, space, trials).kind;

describe('auto', () => {
  test('is gp for at most 150 trials of at most 40 axes, with constants not counted', () => {
    expect(chooseSampler(auto, mixed, 20)).toEqual(SamplerInput.parse('gp'));
    expect(kindOf(floats(40), 150)).toBe('gp');
    expect(kindOf({ ...floats(40), ...Space.parse({ fixed: 3 }) }, 150)).toBe('gp');
    expect(kindOf(floats(41), 150)).toBe('tpe');
    expect(kindOf(floats(40), 151)).toBe('tpe');
  });

  test('of several objectives is gp just so, and nsga2 for more', () => {
    const kind = (space: Parameters<typeof chooseSampler>[1], trials: number) =>
      chooseSampler(auto, space, trials, 2);
    expect(kind(mixed, 150)).toEqual(SamplerInput.parse('gp'));
    expect(kind(mixed, 151)).toEqual(SamplerInput.parse('nsga2'));
    expect(kind(floats(41), 20).kind).toBe('nsga2');
    expect(kind(floats(5), 1000).kind).toBe('nsga2');
  });

  test('is cmaes for a thousand trials or more of floats alone, which are always there', () => {
    expect(kindOf(floats(5), 1000)).toBe('cmaes');
    expect(kindOf(floats(41), 1000)).toBe('cmaes');
    expect(chooseSampler(auto, floats(5), 999)).toEqual(SamplerInput.parse('tpe'));
    expect(kindOf(mixed, 1000)).toBe('tpe');
    expect(kindOf(Space.parse({ n: { low: 1, high: 9, integer: true } }), 1000)).toBe('tpe');
    expect(kindOf(Space.parse({ s: { ...unit, step: 0.1 } }), 1000)).toBe('tpe');
    const sometimes = Space.parse({ kind: 'a', drop: { ...unit, when: { kind: 'a' } } });
    expect(kindOf(sometimes, 1000)).toBe('tpe');
    expect(kindOf(Space.parse({ fixed: 3 }), 1000)).toBe('tpe');
  });
});

test('a sampler that is named is kept with its settings', () => {
  const named = SamplerInput.parse({ kind: 'tpe', startup: 4 });
  expect(chooseSampler(named, mixed, 20)).toEqual({ kind: 'tpe', startup: 4, candidates: 24 });
});
