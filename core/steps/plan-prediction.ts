import { PredictionPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { Dataset } from '../contracts/records.ts';
import type { PlanPredictionRequest } from '../contracts/requests.ts';
import { PredictionSpec } from '../contracts/spec.ts';
import { identityOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { ModelPort } from '../onnx/model.ts';
import { parseModel } from '../onnx/model-proto.ts';
import { inputsOf as modelInputs, outputsOf } from '../onnx/ports.ts';
import type { Field } from '../tables/batch.ts';
import { writeShardList } from './job.ts';
import { readObject, writeFirst } from './objects.ts';
import { planTable } from './plan-table.ts';
import type { Ports } from './ports.ts';
import { rejectsInput } from './rejects-input.ts';

/** Says which function predicts which part. The same model over the same input is one job, and is not run twice. */
export async function planPrediction(request: PlanPredictionRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const spec = await readObject(store, keys.spec(request.spec), PredictionSpec);
  const { digest, name } = request.model;
  const { preprocess, postprocess, partition_by: partitionBy = null } = spec.predict;
  const { identity, fields, input, derived } = await inputOf(spec, request.dataset, ports);
  const features = derived ? null : request.model.features;
  const known = fields.map((field) => field.name);
  const keep = [...(spec.predict.keep ?? known)];
  // Its values are the folders' names: it is carried along to there.
  if (partitionBy !== null && known.includes(partitionBy) && !keep.includes(partitionBy)) {
    keep.push(partitionBy);
  }
  const { format } = spec.predict;
  const prediction = await identityOf(spec.name, {
    model: digest,
    input: identity,
    keep,
    format,
    partitionBy: partitionBy ?? undefined,
    target: spec.target,
    // A job that failed by its tolerance is planned anew under another.
    tolerance: spec.predict.tolerance,
    code: features || preprocess || postprocess ? { features, preprocess, postprocess } : undefined,
  });
  const job = keys.prediction(prediction);
  const planned = { job, prediction, execution: request.execution, shards: keys.shardList(job) };
  if (await store.head(keys.predictionManifest(prediction))) return { ...planned, next: 'commit' };

  // What code makes of the columns is known when it has run, and those of empty NDJSON are never known.
  if (!features && !preprocess && fields.length > 0) {
    requireKept(keep, known);
    requireInputs(await inputsOf(digest, ports), known);
  }
  if (partitionBy !== null && !keep.includes(partitionBy) && !postprocess) {
    await requireOutput(partitionBy, keep, digest, ports);
  }
  const plan = await writeFirst(
    store,
    keys.plan(job),
    {
      prediction,
      spec: request.spec,
      model: digest,
      modelName: name,
      features,
      input: await input(),
      format,
      keep,
      partitionBy,
      plannedAt: ports.now(),
    },
    PredictionPlan,
  );
  const { length } = plan.input.kind === 'table' ? plan.input.shards : plan.input.partitions;
  await writeShardList(store, job, length);
  return { ...planned, next: length > 0 ? 'shards' : 'commit' };
}

interface Input {
  /** What makes it this input and no other. */
  readonly identity: unknown;
  readonly fields: readonly Field[];
  /** Whether its rows have been through the features already. */
  readonly derived: boolean;
  readonly input: () => Promise<PredictionPlan['input']>;
}

async function inputOf(spec: PredictionSpec, dataset: string | null, ports: Ports): Promise<Input> {
  const { table, rejects } = spec.predict;
  if (rejects) {
    const input = await rejectsInput(spec, rejects, ports.store);
    const { fields } = input.schema;
    return { identity: { rejects, fields }, fields, derived: input.derived, input: async () => input };
  }
  if (dataset !== null) {
    const manifest = await readObject(ports.store, keys.datasetManifest(dataset), Dataset);
    const partitions = manifest.partitions.test;
    return {
      identity: { dataset, side: 'test' },
      fields: manifest.fields,
      derived: true,
      input: async () => ({ kind: 'dataset', dataset, side: 'test', partitions }),
    };
  }
  const from = table ?? spec.table;
  const sources = await ports.open(from.path);
  const files = sources.map(({ name, size, etag }) => ({ name, size, etag }));
  const { path: _, ...options } = from;
  const { schema, shards } = await planTable(from, sources, ports);
  return {
    identity: { files, options },
    fields: schema.fields,
    derived: false,
    input: async () => ({ kind: 'table', table: from.path, schema, shards }),
  };
}

type Named = Pick<ModelPort, 'name'>;

async function inputsOf(digest: string, { store }: Ports): Promise<readonly Named[]> {
  const object = await store.get(keys.model(digest));
  if (object === undefined) {
    throw new FanfareError(
      'MissingInput',
      `there is no model sha256:${digest} (object ${keys.model(digest)})`,
    );
  }
  return modelInputs(parseModel(object.body));
}

function requireKept(keep: readonly string[], known: readonly string[]): void {
  const wrong = keep.filter((column) => !known.includes(column));
  if (wrong.length === 0) return;
  const names = wrong.map((column) => unknownName('predict.keep: the input has no column', column, known));
  throw new FanfareError('MissingInput', names.join('\n'));
}

function requireInputs(inputs: readonly Named[], known: readonly string[]): void {
  const missing = inputs.filter(({ name }) => !known.includes(name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => unknownName('the model wants a column', name, known));
  throw new FanfareError('MissingInput', names.join('\n'));
}

/** `MissingInput` where neither the columns that are kept nor the model's outputs have it. */
async function requireOutput(
  column: string,
  keep: readonly string[],
  digest: string,
  { store }: Ports,
): Promise<void> {
  const object = await store.get(keys.model(digest));
  const outputs = object ? outputsOf(parseModel(object.body)).map(({ name }) => name) : [];
  const known = [...keep, ...outputs];
  if (known.includes(column)) return;
  throw new FanfareError(
    'MissingInput',
    unknownName('predict.partition_by: the output has no column', column, known),
  );
}
