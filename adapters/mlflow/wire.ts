import * as z from 'zod';
import type { LoggedModel, Metric, ModelVersion, Run, Texts } from '../../core/tracking/tracker.ts';

/** MLflow's answers, as far as they are read. Lists that are empty are left out of them. */
const KeyValues = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((pairs): Texts => Object.fromEntries(pairs.map(({ key, value }) => [key, value])));

const WireRun = z
  .object({
    info: z.object({
      run_id: z.string(),
      artifact_uri: z.string().default(''),
      status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']),
      end_time: z.number().optional(),
    }),
    data: z.object({ tags: KeyValues, params: KeyValues }).prefault({}),
    inputs: z
      .object({
        dataset_inputs: z
          .array(z.object({ dataset: z.object({ name: z.string(), digest: z.string() }) }))
          .default([]),
      })
      .prefault({}),
  })
  .transform(
    ({ info, data, inputs }): Run => ({
      id: info.run_id,
      location: info.artifact_uri,
      status: info.status === 'SCHEDULED' ? 'RUNNING' : info.status,
      endedAt: info.end_time,
      tags: data.tags,
      params: data.params,
      datasets: inputs.dataset_inputs.map(({ dataset }) => dataset),
    }),
  );

const ModelLinks = z
  .array(z.object({ model_id: z.string() }))
  .default([])
  .transform((links) => links.map(({ model_id }) => model_id));

const WireModel = z
  .object({ info: z.object({ model_id: z.string(), status: z.string(), artifact_uri: z.string() }) })
  .transform(({ info }): LoggedModel & { readonly failed: boolean } => ({
    id: info.model_id,
    status: info.status === 'LOGGED_MODEL_READY' ? 'ready' : 'pending',
    failed: info.status === 'LOGGED_MODEL_UPLOAD_FAILED',
    location: info.artifact_uri,
  }));

const WireVersion = z
  .object({
    name: z.string(),
    version: z.coerce.string(),
    source: z.string().default(''),
    description: z.string().default(''),
    tags: KeyValues,
  })
  .transform((version): ModelVersion => version);

const Page = { next_page_token: z.string().optional() };

export const answers = {
  nothing: z.object({}),
  experiment: z.object({ experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string() }) }),
  createdExperiment: z.object({ experiment_id: z.string() }),
  run: z.object({ run: WireRun }),
  runs: z.object({ runs: z.array(WireRun).default([]), ...Page }),
  links: z.object({
    run: z.object({
      inputs: z.object({ model_inputs: ModelLinks }).prefault({}),
      outputs: z.object({ model_outputs: ModelLinks }).prefault({}),
    }),
  }),
  model: z.object({ model: WireModel }),
  models: z.object({ models: z.array(WireModel).default([]), ...Page }),
  version: z.object({ model_version: WireVersion }),
  versions: z.object({ model_versions: z.array(WireVersion).default([]), ...Page }),
  registeredModel: z.object({
    registered_model: z.object({
      aliases: z.array(z.object({ alias: z.string(), version: z.coerce.string() })).default([]),
    }),
  }),
  modelName: z.object({ model: z.object({ info: z.object({ name: z.string().default('') }) }) }),
  signedUpload: z.object({
    presigned_url: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
};

export const pairs = (texts: Texts): { key: string; value: string }[] =>
  Object.entries(texts).map(([key, value]) => ({ key, value }));

/** JSON has no NaN and no infinities, MLflow takes them as text. */
export const wireMetric = ({ key, value, timestamp, step, modelId }: Metric) => ({
  key,
  value: Number.isFinite(value) ? value : String(value),
  timestamp,
  step,
  ...(modelId === undefined ? {} : { model_id: modelId }),
});

/** A filter for runs, logged models and versions alike: every tag has that very value. */
export function tagFilter(tags: Texts): string {
  return Object.entries(tags)
    .map(([key, value]) => `tags.\`${key}\` = ${quoted(value)}`)
    .join(' AND ');
}

/** MLflow's grammar has no escape, but takes either quote. */
export const quoted = (text: string): string => (text.includes("'") ? `"${text}"` : `'${text}'`);
