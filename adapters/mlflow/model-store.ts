import type { ModelStore } from '../../core/tracking/tracker.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError, orMissing, unknownPath } from './errors.ts';
import { everyPage, type RestApi } from './rest-api.ts';
import { createRunModel, deleteRunModel, readyRunModel, runModelOf, searchRunModels } from './run-models.ts';
import { upload } from './upload.ts';
import { answers, pairs, tagFilter } from './wire.ts';

/** Logged models; with an MLflow before 3 what takes their place there (`run-models.ts`). */
export function modelStore(api: RestApi, client: MlflowClient): ModelStore {
  const downloadRunFile = (run_uuid: string, path: string) =>
    download(client, '/get-artifact', { run_uuid, path });
  return {
    async searchModels(experimentId, tags) {
      const logged = everyPage(async (page_token) => {
        const order_by = [{ field_name: 'creation_timestamp', ascending: true }];
        const search = { experiment_ids: [experimentId], filter: tagFilter(tags), order_by, page_token };
        const { models, next_page_token } = await api.post(answers.models, 'logged-models/search', search);
        return { items: models, next: next_page_token };
      });
      const found = await orBefore3(logged);
      if (found === undefined) return await searchRunModels(api, experimentId, tags);
      return found.filter(({ failed }) => !failed);
    },

    async createModel(wanted) {
      const { experimentId, name, runId, tags } = wanted;
      const model = {
        experiment_id: experimentId,
        name,
        source_run_id: runId,
        model_type: 'onnx',
        tags: pairs(tags),
      };
      const made = await orBefore3(api.create(answers.model, 'logged-models', model));
      return made?.model ?? (await createRunModel(api, wanted));
    },

    uploadFile({ id, location }, path, bytes) {
      const run = runModelOf(id);
      const owner = run ? { run_id: run.runId } : { model_id: id };
      return upload(api, client, { location, owner, folder: run?.folder }, path, bytes);
    },

    downloadFile(id, path) {
      const run = runModelOf(id);
      if (run) return downloadRunFile(run.runId, `${run.folder}/${path}`);
      const files = `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(id)}/artifacts/files`;
      return download(client, files, { artifact_file_path: path });
    },

    downloadRunFile,

    downloadVersionFile: (name, version, path) =>
      download(client, '/model-versions/get-artifact', { name, version, path }),

    async modelName(id) {
      const found = await orMissing(
        api.get(answers.modelName, `logged-models/${encodeURIComponent(id)}`, {}),
      );
      return found?.model.info.name;
    },

    async readyModel(model_id) {
      const run = runModelOf(model_id);
      if (run) return await readyRunModel(api, run);
      const status = 'LOGGED_MODEL_READY';
      await api.patch(answers.model, `logged-models/${model_id}`, { model_id, status });
    },

    async deleteModel(model_id) {
      const run = runModelOf(model_id);
      if (run) return await deleteRunModel(api, run);
      await api.remove(`logged-models/${model_id}`, { model_id });
    },
  };
}

/** Undefined where the server has no logged models. */
async function orBefore3<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof MlflowError && error.code === unknownPath) return undefined;
    throw error;
  }
}

/** By the routes of MLflow's own UI, since they alone read any store. */
async function download(
  client: MlflowClient,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<Uint8Array | undefined> {
  try {
    return await client.bytes({ method: 'GET', path, query, repeatable: true });
  } catch (error) {
    if (error instanceof MlflowError && error.status === 404 && error.code !== unknownPath) return undefined;
    throw error;
  }
}
