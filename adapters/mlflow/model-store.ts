import { FanfareError } from '../../core/errors.ts';
import type { LoggedModel, ModelStore } from '../../core/tracking/tracker.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError, orMissing } from './errors.ts';
import { everyPage, type RestApi } from './rest-api.ts';
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

    uploadFile: (model, path, bytes) => uploadFile(api, client, model, path, bytes),

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
  };
}

/** Through the server where it keeps the files (`mlflow-artifacts:`), else to a URL that it signs (`s3:` and the like). */
async function uploadFile(
  api: RestApi,
  client: MlflowClient,
  { id, location }: LoggedModel,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const body = { kind: 'bytes', value: bytes } as const;
  if (location.startsWith('mlflow-artifacts:')) {
    const folder = new URL(location).pathname.split('/').filter((part) => part !== '');
    const at = [...folder, ...path.split('/')].map((part) => encodeURIComponent(decodeURIComponent(part)));
    const whole = `/api/2.0/mlflow-artifacts/artifacts/${at.join('/')}`;
    await client.bytes({ method: 'PUT', path: whole, body, repeatable: true });
    return;
  }
  if (!/^(s3|gs|wasbs|abfss|dbfs):/.test(location)) {
    throw new FanfareError(
      'TrackerUnavailable',
      `MLflow at ${client.uri} keeps artifacts at ${location}, where only its own machine can write: start it with --serve-artifacts`,
    );
  }
  const wanted = { model_id: id, path, expiration: 900 };
  const signed = await api.post(answers.signedUpload, 'artifacts/presigned-upload-url', wanted);
  const { presigned_url, headers } = signed;
  await client.bytes({ method: 'PUT', path: presigned_url, headers, body, repeatable: true });
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
    if (error instanceof MlflowError && error.status === 404) return undefined;
    throw error;
  }
}
