import { RefitPlan, RefitResult } from '../contracts/conclusion.ts';
import { keys } from '../contracts/keys.ts';
import type { Identity, Leg } from '../contracts/names.ts';
import { Dataset } from '../contracts/records.ts';
import type { Study } from '../contracts/study.ts';
import { sha256 } from '../digest.ts';
import { readStudy } from '../search/study-folder.ts';
import { trainableOf } from '../trainables/registered.ts';
import type { TrainingRun } from '../training/trainable.ts';
import { type ModelData, wholeData } from './model-data.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import { decodePartial, encodePartial } from './partial.ts';
import { orGather, orLeave } from './passes.ts';
import type { Ports } from './ports.ts';
import { seal, unseal } from './seal.ts';
import { closedOnFailure, startRun, trainingTime } from './training-run.ts';
import { prepareOnce } from './training-table.ts';
import { scoreValidation } from './validate.ts';

/**
 * Trains the best trial once more, on every row but the test's, with the resource that it came to. Answers `continue` with
 * a checkpoint when the invocation's time runs out; what was finished is not trained again.
 */
export function refit(
  request: { readonly study: Identity; readonly refit: Leg; readonly execution: string },
  ports: Ports,
): Promise<object> {
  const { study, refit: leg, execution } = request;
  return orGather(ports.store, { study, leg: { ...leg }, execution, asker: 'refit' }, () =>
    refitStudy(study, leg, ports),
  );
}

async function refitStudy(id: Identity, leg: Leg, ports: Ports): Promise<object> {
  const { store } = ports;
  const done = { next: 'done' };
  if (await findObject(store, keys.refitResult(id, leg), RefitResult)) return tidied();

  const began = ports.now();
  const study = await readStudy(store, id);
  const plan = await readObject(store, keys.refitPlan(id, leg), RefitPlan);
  const data = wholeData(await readObject(store, keys.datasetManifest(study.dataset), Dataset));
  const left = await store.get(keys.refitPartial(id, leg));
  const sealed = left && (await unseal(left.body));
  const before = sealed && decodePartial(sealed);
  const seconds = () => (before?.seconds ?? 0) + Math.max(0, ports.now() - began) / 1000;
  const stand = { checkpoint: before?.checkpoint, until: plan.resource };
  const run = await startRun(study, data, plan, stand, ports);
  const time = trainingTime(ports);
  const leave = async () => {
    const progress = encodePartial({ reports: [], seconds: seconds() }, await run.checkpoint());
    await run.close?.();
    await store.put(keys.refitPartial(id, leg), await seal(progress));
  };
  return await closedOnFailure(run, trained);

  async function trained(): Promise<object> {
    while (run.resource < plan.resource && !run.ended) {
      await orLeave(run.advance(plan.resource, time.afterUnit), leave);
      if (time.isUp(run.resource >= plan.resource || Boolean(run.ended))) {
        await leave();
        return { next: 'continue' };
      }
    }
    const model = await exportModel(study, leg, data, run, ports);
    await run.close?.();
    const result = {
      rows: await rowsOf(study, data, ports),
      resource: run.resource,
      seconds: seconds(),
      model,
    };
    await writeFirst(store, keys.refitResult(id, leg), result, RefitResult);
    return tidied();
  }

  async function tidied(): Promise<object> {
    await store.delete(keys.refitPartial(id, leg));
    return done;
  }
}

/** The file must say what its trainer does; what it is worth nobody can tell from rows that it has learned. */
async function exportModel(
  study: Study,
  leg: Leg,
  data: ModelData,
  run: TrainingRun,
  ports: Ports,
): Promise<RefitResult['model']> {
  const file = await run.toOnnx();
  if (file === undefined) return null;
  const own = await run.validate();
  const predictions = 'predictions' in own ? own.predictions : new Float32Array(0);
  await scoreValidation(study, data, file, predictions, ports);
  const key = keys.refitModel(study.study, leg);
  await ports.store.put(key, file);
  return { digest: await sha256(file), key, size: file.length };
}

/** How many it learned from. */
async function rowsOf(study: Study, data: ModelData, ports: Ports): Promise<number> {
  const trained = await prepareOnce(await trainableOf(study.trainable, ports), study, data, ports);
  return trained?.rows ?? data.partitions.train.reduce((sum, { rows }) => sum + rows, 0);
}
