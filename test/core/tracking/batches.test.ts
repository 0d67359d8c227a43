import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planBatches } from '../../../core/tracking/batches.ts';

const texts = (count: number, name: string, text = '') =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at}`, text || String(at)]));

describe('planBatches', () => {
  it('keeps all of it, in order, within the limits, with the last tag in the last call', () => {
    // A control sign takes six bytes as JSON, an emoji four, of MLflow's 1,000,000.
    const text = fc.constantFrom('', 'v'.repeat(5000), '\u0001'.repeat(5000), '🎺'.repeat(2500));
    const name = fc.constantFrom('m', '\u0001'.repeat(250));
    const counts = fc.tuple(fc.nat(3000), fc.nat(350), fc.nat(350), text, text, name);
    fc.assert(
      fc.property(counts, ([metricCount, paramCount, tagCount, param, tag, key]) => {
        const metrics = Array.from({ length: metricCount }, (_, step) => ({
          ...{ key, value: 1, timestamp: 0, step },
        }));
        const batches = planBatches(metrics, texts(paramCount, 'p', param), texts(tagCount, 't', tag));
        expect(batches.flatMap((batch) => batch.metrics)).toEqual(metrics);
        expect(Object.assign({}, ...batches.map(({ params }) => params))).toEqual(
          texts(paramCount, 'p', param),
        );
        expect(Object.assign({}, ...batches.map(({ tags }) => tags))).toEqual(texts(tagCount, 't', tag));
        for (const batch of batches) {
          const { metrics, params, tags } = batch;
          const sizes = [Object.keys(params).length, Object.keys(tags).length] as const;
          expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
          expect(metrics.length + sizes[0] + sizes[1]).toBeLessThanOrEqual(1000);
          const pairs = (of: object) => Object.entries(of).map(([key, value]) => ({ key, value }));
          const body = { run_id: 'x'.repeat(32), metrics, params: pairs(params), tags: pairs(tags) };
          expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(1_000_000);
        }
        if (tagCount > 0) expect(batches.at(-1)?.tags).toHaveProperty(`t${tagCount - 1}`);
      }),
      { numRuns: 40 },
    );
  });

  it('makes one call for a trial of 10 params and 20 points, and none for nothing', () => {
    const metrics = Array.from({ length: 20 }, (_, step) => ({ key: 'auc', value: 0.5, timestamp: 1, step }));
    expect(planBatches(metrics, texts(10, 'p'), texts(3, 't'))).toHaveLength(1);
    expect(planBatches([], {}, {})).toEqual([]);
  });
});
