import type { ModelStore } from '../../core/tracking/tracker.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError, orMissing, unknownPath } from './errors.ts';
import { everyPage, type RestApi } from './rest-api.ts';
import { upload } from './upload.ts';
import { answers, pairs, tagFilter } from './wire.ts';

export function modelStore(api: RestApi, client: MlflowClient): ModelStore {
  return {
    async searchModels(experimentId, tags) {
      const found = await everyPage(async (page_token) => {
        const order_by = [{ field_name: 'creation_timestamp', ascending: true }];
        const search = { experiment_ids: [experimentId], filter: tagFilter(tags), order_by, page_token };
        const { models, next_page_token } = await api.post(answers.models, 'logged-models/search', search);
        return { items: models, next: next_page_token };
      });
      return found.filter(({ failed }) => !failed);
    },

    async createModel({ experimentId, name, runId, tags }) {
      const model = {
        experiment_id: experimentId,
        name,
        source_run_id: runId,
        model_type: 'onnx',
        tags: pairs(tags),
      };
      return (await api.create(answers.model, 'logged-models', model)).model;
    },

    uploadFile: ({ id, location }, path, bytes) =>
      upload(api, client, { location, owner: { model_id: id } }, path, bytes),

    downloadFile: (modelId, path) =>
      download(client, `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(modelId)}/artifacts/files`, {
        artifact_file_path: path,
      }),

    downloadRunFile: (run_uuid, path) => download(client, '/get-artifact', { run_uuid, path }),

    downloadVersionFile: (name, version, path) =>
      download(client, '/model-versions/get-artifact', { name, version, path }),

    async modelName(id) {
      const found = await orMissing(
        api.get(answers.modelName, `logged-models/${encodeURIComponent(id)}`, {}),
      );
      return found?.model.info.name;
    },

    async readyModel(model_id) {
      const status = 'LOGGED_MODEL_READY';
      await api.patch(answers.model, `logged-models/${model_id}`, { model_id, status });
    },

    async deleteModel(model_id) {
      await api.remove(`logged-models/${model_id}`, { model_id });
    },
  };
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
