import { PredictionPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { PredictionSpec } from '../contracts/spec.ts';
import type { ShardSketch } from '../drift/shard-sketch.ts';
import { readObject } from './objects.ts';
import type { Ports } from './ports.ts';
import { openSketch } from './prediction-drift.ts';

/** What all shards of a prediction have in common. */
export interface Planned {
  readonly plan: PredictionPlan;
  readonly spec: PredictionSpec;
  readonly sketch: () => ShardSketch | undefined;
}

/** Read once a process: a plan names all shards, and a shard is soon done. */
export const plannedOf = (job: string, execution: string, { store, warm }: Ports): Promise<Planned> =>
  warm.keep('planned', `${job} ${execution}`, async () => {
    const plan = await readObject(store, keys.plan(job), PredictionPlan);
    const spec = await readObject(store, keys.spec(plan.spec), PredictionSpec);
    return { plan, spec, sketch: await openSketch(plan, store) };
  });
