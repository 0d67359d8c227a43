import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainKey, planBatches, shorten } from '../../../core/tracking/batches.ts';

const texts = (count: number, name: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at}`, String(at)]));

describe('planBatches', () => {
  it('keeps all of it, in order, within the limits, with the last tag in the last call', () => {
    const counts = fc.tuple(fc.nat(3000), fc.nat(350), fc.nat(350));
    fc.assert(
      fc.property(counts, ([metricCount, paramCount, tagCount]) => {
        const metrics = Array.from({ length: metricCount }, (_, step) => ({
          key: 'm',
          value: 1,
          timestamp: 0,
          step,
        }));
        const batches = planBatches(metrics, texts(paramCount, 'p'), texts(tagCount, 't'));
        expect(batches.flatMap((batch) => batch.metrics)).toEqual(metrics);
        expect(Object.assign({}, ...batches.map(({ params }) => params))).toEqual(texts(paramCount, 'p'));
        expect(Object.assign({}, ...batches.map(({ tags }) => tags))).toEqual(texts(tagCount, 't'));
        for (const { metrics, params, tags } of batches) {
          const sizes = [Object.keys(params).length, Object.keys(tags).length] as const;
          expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
          expect(metrics.length + sizes[0] + sizes[1]).toBeLessThanOrEqual(1000);
        }
        if (tagCount > 0) expect(batches.at(-1)?.tags).toHaveProperty(`t${tagCount - 1}`);
      }),
      { numRuns: 50 },
    );
  });

  it('makes no call for nothing', () => {
    expect(planBatches([], {}, {})).toEqual([]);
  });
});

describe('what MLflow takes', () => {
  it('is a name without other signs than its own', () => {
    expect(plainKey('loss[0] (é)/x:y')).toBe('loss_0_ _é__x:y');
    expect(plainKey('../x')).toBe('__x');
    expect(plainKey('k'.repeat(300))).toHaveLength(250);
  });

  it('is a text that tells that it was cut', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdefg', 6)).toBe('abcde…');
  });
});
