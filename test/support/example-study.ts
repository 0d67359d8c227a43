import { stream } from '../../core/chance.ts';
import { keys } from '../../core/contracts/keys.ts';
import type { Scalar } from '../../core/contracts/names.ts';
import type { Claim, Conclusion, Study, StudyEvent } from '../../core/contracts/study.ts';
import { drawParams, valueAt } from '../../core/search/space.ts';
import { encodeJson, type ObjectStore } from '../../core/store.ts';

/** What a study left behind that nobody ran: as large as one likes, with names that strangers might give. */
export interface ExampleStudy {
  readonly study: Study;
  readonly claims: readonly Claim[];
  readonly events: readonly StudyEvent[];
  readonly conclusion: Conclusion;
}

/** What a careless page would make markup, or a script, of. */
export const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'&`;

const rungs = [10, 30, 100];

/** Ten parameters, twenty points a trial that goes to the end; one trial in fifty fails. A concluded study of 8 lanes. */
export function exampleStudy(trials: number): ExampleStudy {
  const study = studyOf(trials);
  const next = stream('example study');
  const free = Array.from({ length: 8 }, (_, lane) => ({ lane, at: start + 40 * lane }));
  const claims: Claim[] = [];
  const events: StudyEvent[] = [];
  let best = { trial: -1, value: Number.NEGATIVE_INFINITY, params: {} as Claim['params'] };
  for (let trial = 0; trial < trials; trial++) {
    const params = drawParams(study.space, ({ dimension }) => valueAt(dimension, next()));
    const goodness = goodnessOf(params) + 0.02 * next();
    const fails = trial % 50 === 7;
    const last = fails ? 0 : goodness > 0.82 ? 2 : goodness > 0.7 ? 1 : 0;
    for (let rung = 0; rung <= last; rung++) {
      const lane = free.reduce((first, one) => (one.at < first.at ? one : first));
      const number = claims.length;
      const at = lane.at + Math.round(300 * next());
      const seconds = (rungs[rung]! / 10) * (1 + next());
      lane.at = at + Math.round(400 + 1000 * seconds);
      claims.push({
        ...{ number, trial, rung, attempt: 1, execution: 'e1', lane: lane.lane, params, open: [], at },
      });
      const told = { trial, rung, attempt: 1, params, startedAt: at + 100, at: lane.at };
      const value = goodness * (1 - Math.exp(-rungs[rung]! / 15));
      if (!fails && value > best.value) best = { trial, value, params };
      const outcome: StudyEvent['outcome'] = fails
        ? { kind: 'failed', error: 'TrainableFailed', cause: `${hostile}: auc is NaN at ${trial}` }
        : {
            ...{ kind: 'reported', value, resource: rungs[rung]!, reports: reportsOf(rung, goodness) },
            metrics: { auc: value, log_loss: 1 - value, accuracy: value / 1.1 },
            ...{ checkpoint: '', model: null, seconds },
          };
      events.push({ ...told, outcome });
    }
  }
  const count = (rung: number) => claims.filter((claim) => claim.rung === rung).length;
  const failed = events.filter(({ outcome }) => outcome.kind === 'failed').length;
  const endedAt = Math.max(...events.map(({ at }) => at)) + 1500;
  return {
    ...{ study, claims, events },
    conclusion: {
      study: study.study,
      best: { ...best, metrics: {}, resource: 100, model: null },
      trials: { total: trials, complete: count(2), pruned: trials - count(2) - failed, failed },
      ...{ startedAt: start, endedAt },
    },
  };
}

/** Writes it where a study's folder lies. */
export async function writeExample(store: ObjectStore, example: ExampleStudy): Promise<void> {
  const { study, claims, events, conclusion } = example;
  const id = study.study;
  await store.put(keys.studyRecord(id), encodeJson(study));
  for (const [number, claim] of claims.entries()) {
    await store.put(keys.claim(id, number), encodeJson(claim));
    await store.put(keys.event(id, number), encodeJson(events[number]));
  }
  await store.put(keys.conclusion(id), encodeJson(conclusion));
}

const start = Date.UTC(2026, 0, 1);

const studyOf = (trials: number): Study => ({
  ...{ study: `example-${trials.toString(16).padStart(12, '0')}`, dataset: 'example-111111111111' },
  ...{ trainable: 'gbdt', resource: 'rounds', metric: 'auc', direction: 'maximize' },
  ...{ metrics: ['auc', 'log_loss', 'accuracy'], trials, seed: 0, sampler: { kind: 'random' } },
  space: {
    rate: { kind: 'float', low: 1e-3, high: 1, log: true },
    leaves: { kind: 'int', low: 7, high: 255, log: true },
    depth: { kind: 'int', low: 2, high: 12, log: false },
    [hostile]: { kind: 'choice', options: [hostile, 'plain', true, 3] },
    booster: { kind: 'choice', options: ['gbdt', 'dart'] },
    drop: { kind: 'float', low: 0, high: 0.5, log: false, step: 0.1, when: { booster: ['dart'] } },
    l1: { kind: 'float', low: 0, high: 5, log: false },
    l2: { kind: 'float', low: 0, high: 5, log: false },
    subsample: { kind: 'float', low: 0.5, high: 1, log: false },
    features: { kind: 'float', low: 0.3, high: 1, log: false },
  },
  scheduler: { kind: 'asha', eta: 3, rungs },
  inputs: ['x', hostile],
  target: { kind: 'column', column: hostile },
  task: { kind: 'binary', classes: [hostile, 'no'] },
  ...{ weight: null, sample: null, model: 'example', experiment: 'example', createdAt: start - 2000 },
});

const goodnessOf = (params: Readonly<Record<string, Scalar>>): number =>
  0.9 -
  0.08 * Math.abs(Math.log10(Number(params.rate)) + 1) -
  0.01 * Math.abs(Number(params.depth) - 7) -
  (params.booster === 'dart' ? 0.02 + 0.1 * Number(params.drop) : 0);

/** Every five rounds. */
const reportsOf = (rung: number, goodness: number) =>
  Array.from({ length: rungs[rung]! / 5 }, (_, at) => 5 * (at + 1))
    .filter((step) => step > (rungs[rung - 1] ?? 0))
    .map((step) => ({ step, value: goodness * (1 - Math.exp(-step / 15)) }));
