import { stream } from '../chance.ts';
import type { Study, Trial } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import { trainableOf } from '../trainables/registered.ts';
import type { TrainingRun } from '../training/trainable.ts';
import { deadline } from './deadline.ts';
import type { ModelData } from './model-data.ts';
import type { Ports } from './ports.ts';
import { learnsDigest, prepareOnce, trainingCache, trainingTable } from './training-table.ts';

/** A trial's run on these rows, from the checkpoint or the beginning, to so much of the resource. */
export async function startRun(
  study: Study,
  data: ModelData,
  { trial, params }: { readonly trial: number; readonly params: Trial['params'] },
  { checkpoint, until }: { readonly checkpoint: Uint8Array | undefined; readonly until: number },
  ports: Ports,
): Promise<TrainingRun> {
  const { store } = ports;
  const trainable = await trainableOf(study.trainable, ports);
  const parsed = trainable.params.safeParse(params);
  if (!parsed.success) {
    const reasons = parsed.error.issues
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ');
    throw new FanfareError(
      'TrainableFailed',
      `${trainable.name} does not take ${JSON.stringify(params)}: ${reasons}`,
    );
  }
  const learns = await learnsDigest(study);
  const prepared = await ports.warm.keep('prepared', `${data.dataset}/${data.folder}${learns}`, async () => {
    if (data.folder !== '') await prepareOnce(trainable, study, data, ports);
    return trainable.load(await trainingCache(store, data, study), trainingTable(ports, data, study), ports);
  });
  const seed = Math.floor(stream(`${study.seed}/${trial}`)() * 2 ** 31);
  const goal = { trial, until, most: study.scheduler.rungs.at(-1)! };
  return trainable.start(prepared, parsed.data, seed, checkpoint, goal);
}

/**
 * Whether the invocation's time is up, as it is after each unit of the resource. Where all is trained, the model is exported
 * and scored at once only if half of the time is left for it: the next invocation has all of its time for that.
 */
export function trainingTime(ports: Ports) {
  const whole = ports.remaining();
  const isUp = deadline(ports, whole);
  let up = false;
  return {
    afterUnit: () => {
      up = isUp();
      return up;
    },
    isUp: (trained: boolean) => up || (trained && ports.remaining() < whole / 2),
  };
}

/** Work with a run that closes it where all goes well. It is let go of otherwise too, and what went wrong is what is told. */
export async function closedOnFailure<T>(run: TrainingRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await run.close?.().catch(() => undefined);
    throw error;
  }
}
