import type { DatasetInput, RunStore } from '../../core/tracking/tracker.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError, orMissing } from './errors.ts';
import { everyPage, type RestApi } from './rest-api.ts';
import { runModelOf } from './run-models.ts';
import { upload } from './upload.ts';
import { answers, pairs, tagFilter, wireMetric } from './wire.ts';

export function runStore(api: RestApi, client: MlflowClient): RunStore {
  return {
    experiment: (name) => experiment(api, name),

    searchRuns: (experimentId, tags) =>
      everyPage(async (page_token) => {
        const search = {
          experiment_ids: [experimentId],
          filter: tagFilter(tags),
          max_results: 1000,
          page_token,
        };
        const order_by = ['attributes.start_time ASC', 'attributes.run_id ASC'];
        const { runs, next_page_token } = await api.post(answers.runs, 'runs/search', {
          ...search,
          order_by,
        });
        return { items: runs, next: next_page_token };
      }),

    async linkedModels(run_id) {
      const { run } = await api.get(answers.links, 'runs/get', { run_id });
      return { inputs: run.inputs.model_inputs, outputs: run.outputs.model_outputs };
    },

    async createRun({ experimentId, name, startedAt, tags }) {
      const body = { experiment_id: experimentId, run_name: name, start_time: startedAt, tags: pairs(tags) };
      return (await api.create(answers.run, 'runs/create', body)).run;
    },

    async logBatch(run_id, { metrics, params, tags }) {
      const batch = { metrics: metrics.map(wireMetric), params: pairs(params), tags: pairs(tags) };
      await api.post(answers.nothing, 'runs/log-batch', { run_id, ...batch });
    },

    async logInputs(run_id, { datasets, models }) {
      const inputs = {
        datasets: datasets.map(datasetInput),
        models: models.map((model_id) => ({ model_id })),
      };
      await api.create(answers.nothing, 'runs/log-inputs', { run_id, ...inputs });
    },

    async logOutputs(run_id, given) {
      // Before 3 a model lies in its run, and no other is linked to it.
      const models = given.filter((id) => runModelOf(id) === undefined);
      if (models.length === 0) return;
      const outputs = models.map((model_id) => ({ model_id, step: 0 }));
      await api.create(answers.nothing, 'runs/outputs', { run_id, models: outputs });
    },

    async updateRun(run_id, status, end_time) {
      await api.post(answers.nothing, 'runs/update', { run_id, status, end_time });
    },

    uploadArtifact: ({ id, location }, path, bytes) =>
      upload(api, client, { location, owner: { run_id: id } }, path, bytes),

    async deleteRun(run_id) {
      await api.post(answers.nothing, 'runs/delete', { run_id });
    },
  };
}

async function experiment(api: RestApi, name: string): Promise<string> {
  const query = { experiment_name: name };
  const found = await orMissing(api.get(answers.experiment, 'experiments/get-by-name', query));
  if (found === undefined) return await createExperiment(api, name);
  const { experiment_id, lifecycle_stage } = found.experiment;
  if (lifecycle_stage === 'deleted')
    await api.post(answers.nothing, 'experiments/restore', { experiment_id });
  return experiment_id;
}

/** Names are unique in MLflow: who loses a race reads what the winner made. */
async function createExperiment(api: RestApi, name: string): Promise<string> {
  try {
    return (await api.create(answers.createdExperiment, 'experiments/create', { name })).experiment_id;
  } catch (error) {
    if (!(error instanceof MlflowError && error.code === 'RESOURCE_ALREADY_EXISTS')) throw error;
    return await experiment(api, name);
  }
}

const datasetInput = ({ name, digest, uri, schema, profile, context }: DatasetInput) => ({
  dataset: {
    name,
    digest,
    source_type: uri.startsWith('s3://') ? 's3' : 'local',
    source: JSON.stringify({ uri }),
    schema: JSON.stringify({ mlflow_colspec: schema.map((column) => ({ ...column, required: true })) }),
    profile,
  },
  tags: [{ key: 'mlflow.data.context', value: context }],
});
