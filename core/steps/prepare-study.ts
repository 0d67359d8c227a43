import { keys } from '../contracts/keys.ts';
import { objectivesOf } from '../contracts/objectives.ts';
import { Dataset } from '../contracts/records.ts';
import type { PrepareStudyRequest } from '../contracts/requests.ts';
import { registryOf, Spec } from '../contracts/spec.ts';
import { stopFrom } from '../contracts/stop.ts';
import { type Budget, claimsOfLane, type Study, StudyRecord } from '../contracts/study.ts';
import type { Task } from '../contracts/task.ts';
import { identityOf } from '../digest.ts';
import { chooseSampler } from '../search/choose-sampler.ts';
import { foldCount } from '../search/folds.ts';
import { gridSize } from '../search/grid.ts';
import { searchOf } from '../search/propose.ts';
import { schedulerFrom } from '../search/schedulers/rungs.ts';
import { findConclusion, findStudy, readHistory, readStudy, settleBudget } from '../search/study-folder.ts';
import { encodeJson } from '../store.ts';
import { requireCandidates } from '../trainables/onnx/require-candidates.ts';
import { trainableOf } from '../trainables/registered.ts';
import { requireSpace } from '../trainables/require-space.ts';
import { requireTask } from '../trainables/require-task.ts';
import { studyMetrics } from '../trainables/study-metrics.ts';
import type { Trainable } from '../training/trainable.ts';
import { modelData } from './model-data.ts';
import { readObject, writeFirst } from './objects.ts';
import { orGather } from './passes.ts';
import { markPending } from './pending.ts';
import type { Ports } from './ports.ts';
import { requireClasses } from './require-classes.ts';
import { settlePrior } from './settle-prior.ts';
import { inputsOf } from './study-inputs.ts';
import { taskIn } from './study-task.ts';
import { isInParts, prepareOnce, trainingTable } from './training-table.ts';

/** What the recorder's waits begin with; they are doubled while MLflow is away. */
const waitSeconds = 2;

/**
 * Says what the study is and how much of it is asked for, and prepares what all its trials read. Where all that was done and
 * concluded, nothing is run.
 */
export async function prepareStudy(request: PrepareStudyRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const { execution } = request;
  const spec = await readObject(store, keys.spec(request.spec), Spec);
  const dataset = await readObject(store, keys.datasetManifest(request.dataset), Dataset);
  const trainable = await trainableOf(spec.tune.trainable, ports);
  requireSpace(spec);

  const task = await taskIn(dataset, spec.target, store);
  requireTask(trainable, task, spec);

  await requireClasses(spec, dataset, task, store);
  const inputs = await inputsOf(spec, dataset, store);
  const design = designOf(spec, dataset, trainable, task, inputs);
  const id = await identityOf(spec.name, design);
  const budget = budgetOf(spec);
  const concurrency = Math.min(request.lanes, design.batch ?? Infinity);
  const answer = {
    study: id,
    execution,
    lanes: keys.lanes(id, request.lanes),
    concurrency,
    direction: design.direction,
  };
  const before = await findStudy(store, id);
  if (before) {
    await settleBudget(store, id, budget);
    const study = await readStudy(store, id);
    if (await findConclusion(store, study, await readHistory(store, id))) {
      return { ...answer, next: 'conclude', waitSeconds };
    }
  }

  const prior = design.warm_start && { prior: await settlePrior(id, design, design.warm_start, store) };
  const data = modelData(dataset, design.folds && 0);
  if (trainable.name === 'onnx') await requireCandidates(spec, trainingTable(ports, data, design), ports);
  const passes = trainable.pass && isInParts(data, ports) ? { passes: true as const } : {};
  return orGather(store, { ...request, asker: 'prepare' }, async () => {
    const trainedOn = await prepareOnce(trainable, design, data, ports);
    const sample = trainedOn && trainedOn.rows < trainedOn.of ? trainedOn : null;
    await writeFirst(
      store,
      keys.studyRecord(id),
      { study: id, ...design, ...prior, sample, ...passes, createdAt: ports.now() },
      StudyRecord,
    );
    await settleBudget(store, id, budget);
    const lanes = laneCount({ ...design, ...budget, ...passes }, concurrency);
    await store.put(
      keys.lanes(id, request.lanes),
      encodeJson(Array.from({ length: lanes }, (_, lane) => ({ lane }))),
    );
    await markPending(store, { kind: 'model', study: id });
    return { ...answer, next: 'lanes', waitSeconds };
  });
}

/** The lanes at work at once and, in a long study, those that take the place of lanes which have had their share. */
function laneCount(study: Pick<Study, 'trials' | 'scheduler' | 'folds' | 'passes'>, lanes: number): number {
  const claims = study.trials * study.scheduler.rungs.length * foldCount(study);
  const most = claimsOfLane(study);
  return claims <= most ? lanes : lanes + Math.ceil(claims / most);
}

/** How much of it there is to be, which is no part of what the study is: with more trials it goes on. */
function budgetOf({ tune }: Spec): Budget {
  const sampler = chooseSampler(tune.sampler, tune.space, tune.trials, objectivesOf(tune.metric).length);
  const stop = tune.stop && Object.keys(tune.stop).length > 0 && { stop: stopFrom(tune.stop) };
  if (sampler.kind !== 'grid') return { trials: tune.trials, sampler, ...stop };
  const trials = Math.min(tune.trials, gridSize(searchOf({ ...tune, sampler }), sampler));
  return { trials, sampler, ...stop };
}

/** All that decides what the trials are: the same design is the same study, wherever and with how many lanes it runs. */
function designOf(
  spec: Spec,
  { dataset, folds }: Dataset,
  trainable: Trainable,
  task: Task,
  inputs: string[],
): Omit<StudyRecord, 'study' | 'prior' | 'sample' | 'passes' | 'createdAt'> {
  const { tune, target, columns } = spec;
  const { scheduler } = tune;
  return {
    dataset,
    trainable: trainable.name,
    resource: trainable.resource,
    ...studyMetrics(spec, task),
    ...(tune.choose !== undefined && { choose: tune.choose }),
    seed: tune.seed,
    space: tune.space,
    ...(tune.points && { points: tune.points }),
    ...(tune.constraints && { constraints: tune.constraints }),
    ...(tune.warm_start && { warm_start: tune.warm_start }),
    sampler: tune.sampler,
    scheduler: schedulerFrom(scheduler),
    ...(tune.deterministic && { batch: tune.deterministic.batch }),
    ...(folds && { folds: { count: folds.count, race: 'race' in scheduler && scheduler.race } }),
    ...((tune.refit ?? folds !== null) && { refit: true as const }),
    inputs,
    target,
    task,
    weight: columns.weight ?? null,
    model: registryOf(spec).name,
    experiment: spec.experiment ?? spec.name,
  };
}
