import * as z from 'zod';
import type { FlowName } from '../../core/contracts/functions.ts';
import type { Json } from '../../core/json.ts';
import type { ObjectStore } from '../../core/store.ts';
import type { Reporter } from '../progress.ts';
import type { Described, Execution, Executions } from './executions.ts';
import { type Watch, watchJob } from './watch-job.ts';

export interface World {
  readonly executions: Executions;
  readonly store: ObjectStore;
  readonly progress: Pick<Reporter, 'onEvent' | 'onAnswer'>;
  /** Ends early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  readonly signal: AbortSignal;
  /** What a person is told who interrupts the command. */
  readonly goesOn: string;
}

/** The command was interrupted; what it followed goes on. */
export class Detached extends Error {
  override readonly name = 'Detached';
}

/** The flows within a flow, in their order, and how `flows/pipeline.asl.json` names their executions after its own. */
export const stagesOf = (flow: FlowName): readonly (readonly [flow: FlowName, prefix: string])[] =>
  flow === 'pipeline'
    ? [
        ['split', 'split-'],
        ['tune', 'tune-'],
        ['predict', 'predict-'],
        ['predict', 'champions-'],
      ]
    : [[flow, '']];

/** Half a second at first, so that what is done already costs no wait; 2 s after a quarter of a minute, 5 s after one. */
export const pollMs = (polls: number): number => Math.min(5000, 500 * 1.1 ** polls);

/** Tells the progress of an execution until it is over. Interrupting it leaves the execution alone. */
export async function follow(
  world: World,
  { flow, name }: Pick<Execution, 'flow' | 'name'>,
): Promise<Described> {
  const stages = stagesOf(flow).map(([stage, prefix]) => ({ flow: stage, name: `${prefix}${name}` }));
  const watched = watchStages(world, stages);
  for (let polls = 0; ; polls++) {
    const now = await world.executions.describe(flow, name);
    await watched.look();
    if (now !== undefined && now.state !== 'running') return now;
    if (!world.signal.aborted) await world.sleep(pollMs(polls), world.signal);
    if (world.signal.aborted) throw new Detached(world.goesOn);
  }
}

const Planned = z.union([z.object({ job: z.string() }), z.object({ study: z.string() })]);

/** Looks at one stage at a time: the first that is not over. */
function watchStages(world: World, stages: readonly Pick<Execution, 'flow' | 'name'>[]) {
  const waiting = [...stages];
  let watch: Watch | undefined;
  let begun = false;

  const tell = (stage: Described, kind: 'started' | 'succeeded', at: number) =>
    world.progress.onEvent({ flow: stage.flow, execution: stage.name, at, kind });

  async function look(): Promise<void> {
    const [first] = waiting;
    const stage = first && (await world.executions.describe(first.flow, first.name));
    if (stage === undefined) return;
    if (!begun) tell(stage, 'started', stage.startedAt);
    begun = true;
    watch ??= await watchOf(stage);
    await watch?.();
    if (stage.state === 'running') return;
    if (stage.state === 'succeeded') tell(stage, 'succeeded', stage.endedAt ?? stage.startedAt);
    waiting.shift();
    watch = undefined;
    begun = false;
    await look();
  }

  /** Where a stage leaves its traces is what its first states answer. */
  async function watchOf({ flow, name }: Described): Promise<Watch | undefined> {
    const outputs: readonly Json[] = await world.executions.firstOutputs(flow, name);
    const planned = outputs.map((output) => Planned.safeParse(output).data).find((found) => found);
    return planned && watchJob(world, flow, planned);
  }

  return { look };
}
