import { stream } from '../chance.ts';
import { keys } from '../contracts/keys.ts';
import { Dataset } from '../contracts/records.ts';
import type { TrainRequest } from '../contracts/requests.ts';
import { Claim, Outcome, Study } from '../contracts/study.ts';
import { digestOf, sha256 } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { metricOf } from '../metrics/metrics.ts';
import { trainables } from '../trainables/registered.ts';
import type { TrainingRun } from '../training/trainable.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import { decodePartial, encodePartial } from './partial.ts';
import type { Ports } from './ports.ts';
import { trainingCache } from './training-table.ts';
import { scoreValidation } from './validate.ts';

/** What is left of the invocation's time for the checkpoint to be written, and for a unit of the resource that has begun. */
const reserveMs = 20_000;

/**
 * Trains a claimed trial to its rung, from the checkpoint of the rung before. Answers `continue` with a checkpoint when
 * the invocation's time runs out, and `tell` with the outcome otherwise; a rung that was finished is not trained again.
 */
export async function train(request: TrainRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const study = await readObject(store, keys.studyRecord(request.study), Study);
  const claim = await readObject(store, request.claim, Claim);
  const { trial, rung } = claim;
  const resultKey = keys.result(study.study, trial, rung);
  const finished = await findObject(store, resultKey, Outcome);
  if (finished) return await told(finished);

  const began = ports.now();
  const dataset = await readObject(store, keys.datasetManifest(study.dataset), Dataset);
  const { run, reports, seconds: before } = await startRun(study, dataset, claim, ports);
  const seconds = () => before + (ports.now() - began) / 1000;
  const goal = study.scheduler.rungs[rung]!;
  const every = Math.max(1, Math.round(study.scheduler.rungs.at(-1)! / 10));
  while (run.resource < goal) {
    const stop = Math.min(goal, (Math.floor(run.resource / every) + 1) * every);
    run.advance(stop, () => ports.remaining() < reserveMs);
    if (run.resource === stop) reports.push({ step: stop, value: valueNow(study, run) });
    if (run.resource < goal && ports.remaining() < reserveMs) {
      const progress = encodePartial({ reports, seconds: seconds() }, run.checkpoint());
      await store.put(keys.partial(study.study, trial, rung), progress);
      return { next: 'continue' };
    }
  }
  const outcome = await exportModel(study, dataset, claim, run, ports);
  const result = { ...outcome, reports, seconds: seconds() };
  return await told(await writeFirst<Outcome>(store, resultKey, result, Outcome));

  /** What a continued rung left behind goes once its result is durable. */
  async function told(result: Outcome): Promise<object> {
    await store.delete(keys.partial(study.study, trial, rung));
    return { next: 'tell', outcome: result };
  }
}

async function startRun(study: Study, dataset: Dataset, { trial, rung, params }: Claim, ports: Ports) {
  const { store } = ports;
  const trainable = trainables[study.trainable]!;
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
  const learns = await digestOf({ trainable: study.trainable, inputs: study.inputs, target: study.target });
  const prepared = await ports.warm.keep('prepared', `${study.dataset}/${learns}`, async () =>
    trainable.load(await trainingCache(store, dataset, study)),
  );
  const partial = await store.get(keys.partial(study.study, trial, rung));
  const before = rung === 0 ? undefined : await store.get(keys.checkpoint(study.study, trial, rung - 1));
  if (rung > 0 && before === undefined) {
    throw new FanfareError('MissingInput', `the checkpoint of trial ${trial} at rung ${rung - 1} is gone`);
  }
  const { reports, seconds, checkpoint } = partial
    ? decodePartial(partial.body)
    : { reports: [], seconds: 0, checkpoint: before?.body };
  const seed = Math.floor(stream(`${study.seed}/${trial}`)() * 2 ** 31);
  return { run: trainable.start(prepared, parsed.data, seed, checkpoint), reports: [...reports], seconds };
}

/** Writes the rung's checkpoint and its model, and takes the value that ONNX Runtime gives that file. */
async function exportModel(
  study: Study,
  dataset: Dataset,
  { trial, rung }: Claim,
  run: TrainingRun,
  ports: Ports,
) {
  const { store } = ports;
  const file = run.toOnnx();
  const { scores, labels } = await scoreValidation(study, dataset, file, ports);
  requireSame(run.validate().scores, scores);
  const key = keys.trialModel(study.study, trial, rung);
  const checkpoint = keys.checkpoint(study.study, trial, rung);
  await store.put(key, file);
  await store.put(checkpoint, run.checkpoint());
  return {
    kind: 'reported' as const,
    value: finite(study, metricOf(study.metric, scores, labels)),
    resource: run.resource,
    checkpoint,
    model: { digest: await sha256(file), key, size: file.length },
  };
}

function valueNow(study: Study, run: TrainingRun): number {
  const { scores, labels } = run.validate();
  return finite(study, metricOf(study.metric, scores, labels));
}

function finite(study: Study, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new FanfareError('TrainableFailed', `${study.metric} is ${value}: the trial diverged`);
}

/** The file that will predict must say what the trainer said. */
function requireSame(own: Float32Array, exported: Float32Array): void {
  let worst = own.length === exported.length ? 0 : Number.POSITIVE_INFINITY;
  for (let row = 0; row < own.length; row++) worst = Math.max(worst, Math.abs(own[row]! - exported[row]!));
  if (worst <= 1e-5) return;
  throw new FanfareError(
    'TrainableFailed',
    `the exported model differs from the trained one by up to ${worst} on the validation rows (allowed: 1e-5)`,
  );
}
