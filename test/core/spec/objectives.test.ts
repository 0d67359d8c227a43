import { describe, expect, test } from 'vitest';
import { Tune } from '../../../core/contracts/tune-spec.ts';

const space = { leaves: [3, 7], l2: { low: 0, high: 1 } };
const told = (tune: object): readonly string[] => {
  const { error } = Tune.safeParse({ space, ...tune });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const mine = { name: 'cost', mode: 'min' };

describe('several objectives', () => {
  test('are metrics of the predictions, costs, and values of a trainable of one’s own', () => {
    expect(Tune.parse({ space, metric: ['auc', 'model_bytes'] }).metric).toEqual(['auc', 'model_bytes']);
    expect(told({ trainable: './mine.ts', metric: [mine, 'auc', { name: 'rows', mode: 'max' }] })).toEqual(
      [],
    );
    expect(told({ metric: ['auc', 'log_loss', 'model_bytes'], sampler: 'nsga2', choose: 'knee' })).toEqual(
      [],
    );
    expect(told({ metric: ['auc', 'brier'], sampler: 'tpe', choose: { within: 0.01 } })).toEqual([]);
  });

  test('are read back as they were written', () => {
    for (const metric of ['auc', ['auc'], ['auc', 'model_bytes']]) {
      const parsed = Tune.parse({ space, metric });
      expect(Tune.parse(parsed)).toEqual(parsed);
    }
  });

  test.each([
    [{ metric: [] }, /^metric: name a metric/],
    [{ metric: ['auc', 'brier', 'f1', 'mcc', 'recall', 'precision'] }, /^metric: at most 5 objectives/],
    [{ metric: ['auc', 'aucc'] }, /^metric\.1: use .*model_bytes.*given: "aucc"/],
    [{ metric: ['auc', 'brier', 'auc'] }, /^metric\.2: an objective stands once \(given twice: auc\)/],
    [{ metric: ['auc', mine] }, /^metric\.1: gbdt is judged by its predictions.*given: cost/],
    [{ metric: ['auc', { name: 'brier', mode: 'min' }] }, /^metric\.1: brier is computed from the model/],
    [
      { metric: ['auc', { name: 'model_bytes', mode: 'min' }] },
      /^metric\.1: model_bytes is told of each model/,
    ],
    [{ metric: ['model_bytes', 'auc'] }, /^metric\.0: model_bytes is a cost of something/],
    [
      { metric: ['auc', 'brier'], sampler: 'cmaes' },
      /^sampler: cmaes searches by one objective: use auto, gp, nsga2/,
    ],
    [{ metric: ['auc', 'brier'], scheduler: 'median' }, /^scheduler: median stops trials by one objective/],
    [{ metric: 'auc', choose: 'knee' }, /^choose: of one objective the best trial is chosen/],
    [{ metric: ['auc', 'brier'], choose: 'best' }, /^choose: use first, knee or/],
    [{ metric: 'model_bytes' }, /^metric: use auc.*or a list of such/],
    [
      { metric: ['auc', { name: 'cost' }], trainable: './mine.ts' },
      /^metric\.1: use .*given: {"name":"cost"}/,
    ],
  ])('that make no sense are refused: %j', (tune, message) => {
    const [first, ...others] = told(tune);
    expect(first).toMatch(message);
    expect(others).toEqual([]);
  });
});
