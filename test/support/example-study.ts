import { stream } from '../../core/chance.ts';
import type { Conclusion } from '../../core/contracts/conclusion.ts';
import { keys } from '../../core/contracts/keys.ts';
import type { Scalar } from '../../core/contracts/names.ts';
import type { Claim, Study, StudyEvent } from '../../core/contracts/study.ts';
import { bestTrial } from '../../core/search/front.ts';
import { History } from '../../core/search/history.ts';
import { decide } from '../../core/search/next.ts';
import { trialsOf } from '../../core/search/trials.ts';
import { encodeJson, type ObjectStore } from '../../core/store.ts';
import { putStudy, studyOf } from './study-log.ts';

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

/** Ten parameters, twenty points a trial that goes to the end; one trial in fifty fails. A concluded study of 8 lanes under ASHA. */
export function exampleStudy(trials: number): ExampleStudy {
  const study = studyOfExample(trials);
  const history = new History();
  const running = Array.from(
    { length: 8 },
    (_, lane): Lane => ({ lane, at: start + 40 * lane, event: null }),
  );
  for (;;) {
    const lane = running.reduce((first, one) => (one.at < first.at ? one : first));
    if (lane.event) history.end(lane.event.number, lane.event.told);
    const decision = decide(study, history, { execution: 'e1', lane: lane.lane }, lane.at);
    lane.event = null;
    if (decision.kind === 'done' || decision.kind === 'stop') break;
    if (decision.kind === 'wait') {
      lane.at += 500;
      continue;
    }
    history.add(decision.claim);
    const told = eventOf(decision.claim);
    lane.event = { number: decision.claim.number, told };
    lane.at = told.at + 30;
  }
  const events = history.claims.map((claim) => history.eventOf(claim)!);
  return { study, claims: history.claims, events, conclusion: conclusionOf(study, history) };
}

interface Lane {
  readonly lane: number;
  /** When it asks next, and what it tells then. */
  at: number;
  event: { readonly number: number; readonly told: StudyEvent } | null;
}

function eventOf({ number, trial, rung, params, at }: Claim): StudyEvent {
  const next = stream(`event ${number}`);
  const goodness = goodnessOf(params) + 0.02 * next();
  const seconds = (rungs[rung]! / 10) * (1 + next());
  const startedAt = at + Math.round(300 * next());
  const told = {
    trial,
    rung,
    attempt: 1,
    params,
    startedAt,
    at: startedAt + Math.round(200 + 1000 * seconds),
  };
  if (trial % 50 === 7) {
    const cause = `${hostile}: auc is NaN at ${trial}`;
    return { ...told, outcome: { kind: 'failed', error: 'TrainableFailed', cause } };
  }
  const value = goodness * (1 - Math.exp(-rungs[rung]! / 15));
  return {
    ...told,
    outcome: {
      ...{ kind: 'reported', value, resource: rungs[rung]!, reports: reportsOf(rung, goodness) },
      metrics: { auc: value, log_loss: 1 - value, accuracy: value / 1.1 },
      ...{ checkpoint: '', model: null, seconds },
    },
  };
}

function conclusionOf(study: Study, history: History): Conclusion {
  const all = trialsOf(study, history, true);
  const count = (state: string) => all.filter((trial) => trial.state === state).length;
  const best = bestTrial(study, all)!;
  const { value, metrics, resource } = best.rungs.at(-1)!.outcome;
  return {
    ...{ study: study.study, claims: history.claims.length },
    best: { trial: best.number, params: best.params, value, metrics, resource, model: null },
    trials: {
      ...{ total: all.length, complete: count('complete') },
      ...{ pruned: count('pruned'), failed: count('failed') },
    },
    ...{ startedAt: start, endedAt: Math.max(...[...history.events].map(({ at }) => at)) + 1500 },
  };
}

/** Writes it where a study's folder lies. */
export async function writeExample(store: ObjectStore, example: ExampleStudy): Promise<void> {
  const { study, claims, events, conclusion } = example;
  const id = study.study;
  await putStudy(store, study);
  for (const [number, claim] of claims.entries()) {
    await store.put(keys.claim(id, number), encodeJson(claim));
    await store.put(keys.event(id, number), encodeJson(events[number]));
  }
  await store.put(keys.conclusion(id, claims.length), encodeJson(conclusion));
}

const start = Date.UTC(2026, 0, 1);

const studyOfExample = (trials: number): Study => ({
  ...studyOf(trials),
  ...{ study: `example-${trials.toString(16).padStart(12, '0')}`, dataset: 'example-111111111111' },
  metrics: ['auc', 'log_loss', 'accuracy'],
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
  createdAt: start - 2000,
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
