import { keys } from '../../core/contracts/keys.ts';
import type { Claim, Study, StudyEvent } from '../../core/contracts/study.ts';
import { History } from '../../core/search/history.ts';
import { decide } from '../../core/search/next.ts';
import { encodeJson, type ObjectStore } from '../../core/store.ts';

/** Three rungs, a third of each promoted. */
export const studyOf = (trials: number, folds?: Study['folds']): Study => ({
  study: 'demo-000000000000',
  dataset: 'demo-111111111111',
  trainable: 'gbdt',
  resource: 'rounds',
  metric: 'auc',
  direction: 'maximize',
  metrics: ['auc'],
  trials,
  budget: 0,
  seed: 0,
  space: { rate: { kind: 'float', low: 0, high: 1, log: false } },
  sampler: { kind: 'random' },
  scheduler: { kind: 'asha', eta: 3, rungs: [1, 3, 9] },
  ...(folds && { folds }),
  inputs: ['x'],
  target: { kind: 'column', column: 'y' },
  task: { kind: 'binary', classes: [0, 1] },
  weight: null,
  sample: null,
  model: 'demo',
  experiment: 'demo',
  createdAt: 0,
});

/** Writes what the study is, and the budget that it has. */
export async function putStudy(store: ObjectStore, study: Study): Promise<void> {
  const { budget, trials, sampler, stop, stopped: _, ...record } = study;
  await store.put(keys.studyRecord(study.study), encodeJson({ ...record, sampler }));
  await store.put(keys.budget(study.study, budget), encodeJson({ trials, sampler, stop }));
}

/** One of each kind, with rungs as those of `studyOf`. */
export const schedulers: readonly Study['scheduler'][] = [
  { kind: 'none', rungs: [9] },
  { kind: 'asha', eta: 3, rungs: [1, 3, 9] },
  { kind: 'hyperband', eta: 3, rungs: [1, 3, 9] },
  { kind: 'successive_halving', eta: 3, bracket: 9, rungs: [1, 3, 9] },
  { kind: 'percentile', percentile: 50, startup: 2, rungs: [1, 2, 3, 9] },
  { kind: 'patience', patience: 2, min_delta: 0.1, rungs: [1, 2, 3, 9] },
];

/** The event that the claim gave the value. */
const told = (claim: Claim, value: number): StudyEvent => ({
  trial: claim.trial,
  rung: claim.rung,
  ...(claim.fold !== undefined && { fold: claim.fold }),
  attempt: claim.attempt,
  params: claim.params,
  outcome: {
    kind: 'reported',
    value,
    metrics: {},
    resource: 1,
    reports: [],
    checkpoint: '',
    model: { digest: '0'.repeat(64), key: '', size: 0 },
    seconds: 0,
  },
  startedAt: 0,
  at: 0,
});

export const lost = (claim: Claim): StudyEvent => ({
  ...told(claim, 0),
  outcome: { kind: 'failed', error: 'TrainableFailed', cause: 'diverged' },
});

/** A study's folder that lanes work on. */
export class Folder {
  study: Study;
  now = 0;
  readonly history = new History();
  constructor(of: Study) {
    this.study = of;
  }

  ask(lane: number, execution = 'e1'): Exclude<ReturnType<typeof decide>, { kind: 'stop' }> {
    const decision = decide(this.study, this.history, { execution, lane }, this.now);
    if (decision.kind === 'claim') this.history.add(decision.claim);
    if (decision.kind !== 'stop') return decision;
    this.study = { ...this.study, stopped: decision.stop };
    return this.ask(lane, execution);
  }

  tell(claim: Claim, value: number) {
    this.history.end(claim.number, told(claim, value));
  }
}

/** What the ask that made the claim had seen, as the claim says. The outcomes are found in another order. */
export function seenBy(claim: Claim, all: History): History {
  const seen = new History();
  for (const earlier of all.claims.slice(0, claim.number)) seen.add(earlier);
  for (const earlier of all.claims.slice(0, claim.number).toReversed()) {
    const event = all.eventOf(earlier);
    if (event && !claim.open.includes(earlier.number)) seen.end(earlier.number, event);
  }
  return seen;
}

export function claimOf(decision: ReturnType<Folder['ask']>): Claim {
  if (decision.kind === 'claim' || decision.kind === 'own') return decision.claim;
  throw new Error(`the lane was told to ${decision.kind}`);
}
