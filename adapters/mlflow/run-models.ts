import { FanfareError } from '../../core/errors.ts';
import { tag } from '../../core/tracking/tags.ts';
import type { LoggedModel, NewModel, Texts } from '../../core/tracking/tracker.ts';
import { orMissing } from './errors.ts';
import { everyPage, type RestApi } from './rest-api.ts';
import { answers, pairs, quoted, tagFilter } from './wire.ts';

/**
 * Models where MLflow has none of its own, before 3: a folder among the artifacts of the run that made it. A tag of the run,
 * `fanfare.model.<digits of the digest>`, says how far it is; the model's id is `<run>:<folder>`.
 */
export interface RunModel {
  readonly runId: string;
  readonly folder: string;
}

/** Undefined for the id of a logged model. */
export function runModelOf(id: string): RunModel | undefined {
  const [, runId, folder] = /^([0-9a-zA-Z]+):(model-[0-9a-f]+)$/.exec(id) ?? [];
  return runId === undefined || folder === undefined ? undefined : { runId, folder };
}

const statusTag = (folder: string): string => `fanfare.${folder.replace('-', '.')}`;

const folderOf = (tags: Texts): string => `model-${(tags[tag.digest] ?? '').slice(0, 12)}`;

export async function searchRunModels(
  api: RestApi,
  experimentId: string,
  tags: Texts,
): Promise<LoggedModel[]> {
  const folder = folderOf(tags);
  const study = tags[tag.study];
  const conditions = [
    ...(study === undefined ? [] : [tagFilter({ [tag.study]: study })]),
    `tags.\`${statusTag(folder)}\` LIKE ${quoted('%')}`,
  ];
  const runs = await everyPage(async (page_token) => {
    const search = { experiment_ids: [experimentId], filter: conditions.join(' AND '), page_token };
    const { runs, next_page_token } = await api.post(answers.runs, 'runs/search', search);
    return { items: runs, next: next_page_token };
  });
  return runs.flatMap((run) => {
    const status = run.tags[statusTag(folder)];
    if (status !== 'ready' && status !== 'pending') return [];
    return [{ id: `${run.id}:${folder}`, status, location: `${run.location}/${folder}` }];
  });
}

export async function createRunModel(api: RestApi, { runId, tags }: NewModel): Promise<LoggedModel> {
  const folder = folderOf(tags);
  const { run } = await api.get(answers.run, 'runs/get', { run_id: runId });
  await setTags(api, runId, { [statusTag(folder)]: 'pending' });
  return { id: `${runId}:${folder}`, status: 'pending', location: `${run.location}/${folder}` };
}

/** The run's page lists the models of this tag. */
const listed = 'mlflow.log-model.history';

export async function readyRunModel(api: RestApi, { runId, folder }: RunModel): Promise<void> {
  const { run } = await api.get(answers.run, 'runs/get', { run_id: runId });
  const models = JSON.parse(run.tags[listed] ?? '[]') as { readonly artifact_path: string }[];
  const flavors = { onnx: {}, python_function: {} };
  const model = { run_id: runId, artifact_path: folder, flavors };
  const others = models.filter(({ artifact_path }) => artifact_path !== folder);
  await setTags(api, runId, {
    [listed]: JSON.stringify([...others, model]),
    [statusTag(folder)]: 'ready',
  });
}

export const deleteRunModel = (api: RestApi, { runId, folder }: RunModel): Promise<void> =>
  setTags(api, runId, { [statusTag(folder)]: 'deleted' });

/** What a version of it is made of. */
export async function runModelSource(api: RestApi, { runId, folder }: RunModel): Promise<string> {
  const found = await orMissing(api.get(answers.run, 'runs/get', { run_id: runId }));
  if (found) return `${found.run.location}/${folder}`;
  throw new FanfareError('MissingInput', `the run ${runId} of the model ${folder} is gone from MLflow`);
}

async function setTags(api: RestApi, run_id: string, tags: Texts): Promise<void> {
  await api.post(answers.nothing, 'runs/log-batch', { run_id, metrics: [], params: [], tags: pairs(tags) });
}
