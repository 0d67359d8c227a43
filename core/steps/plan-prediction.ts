import { PredictionPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { Dataset } from '../contracts/records.ts';
import type { PlanPredictionRequest } from '../contracts/requests.ts';
import { PredictionSpec } from '../contracts/spec.ts';
import { ModelSignature } from '../contracts/study.ts';
import { identityOf } from '../digest.ts';
import { estimateRows, sampleOf } from '../drift/sample.ts';
import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { bindInputs } from '../onnx/bind.ts';
import { requireRunnable } from '../onnx/check.ts';
import { chooseOutputs, type Written } from '../onnx/choose-outputs.ts';
import type { Model } from '../onnx/model.ts';
import { parseModel } from '../onnx/model-proto.ts';
import { inputsOf, outputsOf } from '../onnx/ports.ts';
import { withoutZipMaps } from '../onnx/zip-maps.ts';
import type { ObjectStore } from '../store.ts';
import type { Field } from '../tables/batch.ts';
import { openTable } from '../tables/manifest.ts';
import { objectFields } from '../tables/objects.ts';
import { writeShardList } from './job.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import { planObjects, requireObjectSpec } from './plan-objects.ts';
import { passing, planTable } from './plan-table.ts';
import type { Ports } from './ports.ts';
import { rejectsInput } from './rejects-input.ts';
import { type PredictedOf, scoredTask } from './scored-task.ts';

/** Says which function predicts which part. The same model over the same input is one job, and is not run twice. */
export async function planPrediction(request: PlanPredictionRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const spec = await readObject(store, keys.spec(request.spec), PredictionSpec);
  const { digest, name } = request.model;
  const { preprocess, postprocess, inputs, outputs, partition_by: partitionBy = null } = spec.predict;
  const signature = (await findObject(store, keys.signature(digest), ModelSignature))?.inputs ?? null;
  const {
    identity,
    fields,
    input,
    rows,
    derived,
    empty = false,
  } = await inputOf(spec, request.dataset, ports);
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
    weight: spec.columns.weight,
    ...{ inputs, outputs, signature: signature ?? undefined },
    // A job that failed by its tolerance is planned anew under another.
    tolerance: spec.predict.tolerance,
    code: features || preprocess || postprocess ? { features, preprocess, postprocess } : undefined,
    drift: spec.predict.drift ? undefined : false,
  });
  const job = keys.prediction(prediction);
  const planned = { job, prediction, execution: request.execution, shards: keys.shardList(job) };
  if (await store.head(keys.predictionManifest(prediction))) return { ...planned, next: 'commit' };

  const model = await modelOf(digest, ports);
  const written = chooseOutputs(model.outputs, outputs);
  // What code makes of the columns is known when it has run, and those of empty NDJSON are never known.
  if (!features && !preprocess && fields.length > 0) {
    requireKept(keep, known);
    const others = [spec.target?.column ?? []].flat();
    bindInputs(model.inputs, fields, { named: inputs, signature, others, untyped: empty });
  }
  if (partitionBy !== null && !keep.includes(partitionBy) && !postprocess) {
    requireOutput(partitionBy, keep, written);
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
      signature,
      input: await input(job),
      format,
      keep,
      partitionBy,
      scored: await scoredBy(
        spec,
        { model: digest, outputs: model.outputs, dataset: request.dataset, fields },
        store,
      ),
      drift: spec.predict.drift
        ? {
            sample: sampleOf(await rows()),
            compared: (await store.head(keys.modelProfile(digest))) !== undefined,
          }
        : null,
      plannedAt: ports.now(),
    },
    PredictionPlan,
  );
  const { length } = plan.input.kind === 'table' ? plan.input.shards : plan.input.partitions;
  await writeShardList(store, job, length);
  return { ...planned, next: length > 0 ? 'shards' : 'commit' };
}

/** Of a table that lacks the weight all rows count alike. */
async function scoredBy(
  { target, columns: { weight } }: PredictionSpec,
  of: PredictedOf,
  store: ObjectStore,
): Promise<PredictionPlan['scored']> {
  if (target === undefined) return null;
  const isThere = of.fields.some(({ name }) => name === weight);
  return { task: await scoredTask(target, of, store), weight: (isThere && weight) || null };
}

interface Input {
  /** What makes it this input and no other. */
  readonly identity: unknown;
  readonly fields: readonly Field[];
  /** Whether its rows have been through the features already. */
  readonly derived: boolean;
  /** Whether there may be no row, which would say what text holds: how many a gzip has is known when it is read. */
  readonly empty?: boolean;
  readonly input: (job: string) => Promise<PredictionPlan['input']>;
  /** About how many there are. */
  readonly rows: () => Promise<number>;
}

async function inputOf(spec: PredictionSpec, dataset: string | null, ports: Ports): Promise<Input> {
  const { table, rejects } = spec.predict;
  if (rejects) {
    const input = await rejectsInput(spec, rejects, ports.store);
    const { fields } = input.schema;
    return {
      identity: { rejects, fields },
      fields,
      derived: input.derived,
      input: async () => input,
      rows: async () => input.partitions.reduce((sum, { rows }) => sum + rows, 0),
    };
  }
  if (dataset !== null) {
    const manifest = await readObject(ports.store, keys.datasetManifest(dataset), Dataset);
    const partitions = manifest.partitions.test;
    return {
      identity: { dataset, side: 'test' },
      fields: manifest.fields,
      derived: true,
      input: async () => ({ kind: 'dataset', dataset, side: 'test', partitions }),
      rows: async () => manifest.rows.test,
    };
  }
  const from = table ?? spec.table;
  const sources = await openTable(from.path, ports.open);
  const files = sources.map(({ name, size, etag }) => ({ name, size, etag }));
  const { path: _, ...options } = from;
  const identity = { files, options };
  if (from.format === 'objects') {
    requireObjectSpec(spec);
    const schema = { fields: objectFields };
    return {
      ...{ identity, fields: objectFields, derived: false },
      input: async (job) => ({
        ...{ kind: 'table', table: from.path, schema },
        shards: await planObjects(from, sources, job, ports.store),
      }),
      rows: async () => sources.length,
    };
  }
  const { schema, shards } = await planTable(from, sources, ports, passing);
  return {
    ...{ identity, fields: schema.fields, derived: false },
    empty: shards.every(({ kind }) => kind === 'gzip'),
    input: async () => ({ kind: 'table', table: from.path, schema, shards }),
    rows: () => estimateRows(sources, schema, shards),
  };
}

/** What can be said of the model before anything is started. */
async function modelOf(digest: string, { store }: Ports): Promise<Pick<Model, 'inputs' | 'outputs'>> {
  const object = await store.get(keys.model(digest));
  if (object === undefined) {
    throw new FanfareError(
      'MissingInput',
      `there is no model sha256:${digest} (object ${keys.model(digest)})`,
    );
  }
  const whole = parseModel(object.body);
  requireRunnable(whole);
  const { model } = withoutZipMaps(whole);
  return { inputs: inputsOf(model), outputs: outputsOf(model, whole.nodes) };
}

function requireKept(keep: readonly string[], known: readonly string[]): void {
  const wrong = keep.filter((column) => !known.includes(column));
  if (wrong.length === 0) return;
  const names = wrong.map((column) => unknownName('predict.keep: the input has no column', column, known));
  throw new FanfareError('MissingInput', names.join('\n'));
}

/** `MissingInput` where neither the columns that are kept nor those of the outputs have it. */
function requireOutput(column: string, keep: readonly string[], written: readonly Written[]): void {
  const outputs = written.flatMap(({ output, column, onlySecond }) => [
    column,
    ...((!onlySecond && output.labels?.map((label) => `${column}_${label}`)) || []),
  ]);
  const known = [...keep, ...outputs];
  if (known.includes(column)) return;
  throw new FanfareError(
    'MissingInput',
    unknownName('predict.partition_by: the output has no column', column, known),
  );
}
