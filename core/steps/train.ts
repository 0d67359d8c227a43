import { keys } from '../contracts/keys.ts';
import { Dataset } from '../contracts/records.ts';
import type { TrainRequest } from '../contracts/requests.ts';
import { Claim, Outcome, type Study } from '../contracts/study.ts';
import { sha256 } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { rungsOf } from '../search/schedulers/rungs.ts';
import { readStudy } from '../search/study-folder.ts';
import { encodeJson } from '../store.ts';
import type { TrainingRun } from '../training/trainable.ts';
import { judge, ownValue } from './judge.ts';
import { liveCurve } from './live-curve.ts';
import { type ModelData, modelData } from './model-data.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import { decodePartial, encodePartial } from './partial.ts';
import { orGather, orLeave } from './passes.ts';
import type { Ports } from './ports.ts';
import { refit } from './refit.ts';
import { seal, unseal } from './seal.ts';
import { closedOnFailure, startRun, trainingTime } from './training-run.ts';

/** Trains what a lane claimed, or the study's best trial once more. */
export const train = (request: TrainRequest, ports: Ports): Promise<object> =>
  'claim' in request ? trainClaimed(request, ports) : refit(request, ports);

/**
 * Trains a claimed trial to its rung, from the checkpoint of the rung before. Answers `continue` with a checkpoint when
 * the invocation's time runs out, and `tell` with the outcome otherwise; a rung that was finished is not trained again.
 */
async function trainClaimed(
  request: Extract<TrainRequest, { claim: string }>,
  ports: Ports,
): Promise<object> {
  const { store } = ports;
  const study = await readStudy(store, request.study);
  const claim = await readObject(store, request.claim, Claim);
  return orGather(store, { execution: claim.execution }, () => trainToRung(study, claim, ports));
}

async function trainToRung(study: Study, claim: Claim, ports: Ports): Promise<object> {
  const { store } = ports;
  const { rung } = claim;
  const resultKey = keys.result(study.study, claim);
  const finished = await findObject(store, resultKey, Outcome);
  if (finished) return await told(finished);

  const began = ports.now();
  const dataset = await readObject(store, keys.datasetManifest(study.dataset), Dataset);
  const data = modelData(dataset, claim.fold);
  const stand = await standOf(study, claim, ports);
  const reports = [...stand.reports];
  // A clock that was put back takes no time away.
  const seconds = () => stand.seconds + Math.max(0, ports.now() - began) / 1000;
  const rungs = rungsOf(study.scheduler, claim.trial);
  const goal = rungs[rung]!;
  const run = await startRun(study, data, claim, { checkpoint: stand.checkpoint, until: goal }, ports);
  const every = Math.max(1, Math.round(rungs.at(-1)! / 10));
  const time = trainingTime(ports);
  const show = liveCurve(study, claim, ports);
  const leave = async () => {
    const progress = encodePartial({ reports, seconds: seconds() }, await run.checkpoint());
    await run.close?.();
    await store.put(keys.partial(study.study, claim), await seal(progress));
  };
  return await closedOnFailure(run, trained);

  async function trained(): Promise<object> {
    while (run.resource < goal && !run.ended) {
      const stop = Math.min(goal, (Math.floor(run.resource / every) + 1) * every);
      await orLeave(run.advance(stop, time.afterUnit), leave);
      // What the rung ends with is reported below, as its file is worth.
      if (run.resource >= stop && run.resource < goal) {
        reports.push({ step: run.resource, value: ownValue(study, await run.validate()) });
        await show(reports);
      }
      if (time.isUp(run.resource >= goal || Boolean(run.ended))) {
        await leave();
        return { next: 'continue' };
      }
    }
    const outcome = await exportModel(study, data, claim, run, ports);
    await run.close?.();
    const reported = reports.at(-1)?.step ?? rungs[rung - 1] ?? 0;
    if (run.resource > reported) reports.push({ step: run.resource, value: outcome.value });
    const result = { ...outcome, reports, seconds: seconds() };
    return await told(await writeFirst<Outcome>(store, resultKey, result, Outcome));
  }

  /** What a continued rung left behind goes once its result is durable. */
  async function told(result: Outcome): Promise<object> {
    await store.delete(keys.partial(study.study, claim));
    return { next: 'tell', outcome: result };
  }
}

/**
 * Where the rung goes on: from what an invocation before this one left, or from the rung before. The former saves time
 * alone, so one that was altered is left aside; the latter is all that there is of the trial, which fails by its name.
 */
async function standOf({ study }: Study, claim: Claim, { store }: Ports) {
  const { trial, rung } = claim;
  const left = await store.get(keys.partial(study, claim));
  const partial = left && (await unseal(left.body));
  if (partial) return decodePartial(partial);
  const fresh = { reports: [], seconds: 0, checkpoint: undefined };
  if (rung === 0) return fresh;
  const key = keys.checkpoint(study, { ...claim, rung: rung - 1 });
  const object = await store.get(key);
  if (object === undefined) {
    throw new FanfareError(
      'MissingInput',
      `the checkpoint of trial ${trial} at rung ${rung - 1} is gone (${key})`,
    );
  }
  const checkpoint = await unseal(object.body);
  if (checkpoint) return { ...fresh, checkpoint };
  throw new FanfareError(
    'BadTable',
    `the checkpoint of trial ${trial} at rung ${rung - 1} was cut off or altered (${key}): its bytes are not those of its digest`,
  );
}

/** Writes the rung's checkpoint and its model, if it makes one, and takes the value that ONNX Runtime gives that file. */
async function exportModel(study: Study, data: ModelData, claim: Claim, run: TrainingRun, ports: Ports) {
  const { store } = ports;
  const file = await run.toOnnx();
  const { value, metrics, scores } = await judge(study, data, file, await run.validate(), ports);
  const key = keys.trialModel(study.study, claim);
  const checkpoint = keys.checkpoint(study.study, claim);
  if (file) await store.put(key, file);
  if (scores) await store.put(keys.trialScores(study.study, claim), encodeJson(scores));
  await store.put(checkpoint, await seal(await run.checkpoint()));
  return {
    kind: 'reported' as const,
    value,
    metrics,
    resource: run.resource,
    checkpoint,
    model: file ? { digest: await sha256(file), key, size: file.length } : null,
  };
}
