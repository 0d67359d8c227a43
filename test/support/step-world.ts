import { gunzip } from '../../adapters/node/gunzip.ts';
import { codeLoader } from '../../adapters/node/load-code.ts';
import { loadModel } from '../../adapters/onnxruntime/load-model.ts';
import { openGraph } from '../../adapters/onnxruntime/open-graph.ts';
import { keys } from '../../core/contracts/keys.ts';
import type { Leg } from '../../core/contracts/names.ts';
import { Spec } from '../../core/contracts/spec.ts';
import type { Outcome } from '../../core/contracts/study.ts';
import { digestOf } from '../../core/digest.ts';
import { ask } from '../../core/steps/ask.ts';
import { commitPrediction } from '../../core/steps/commit-prediction.ts';
import { commitSplit } from '../../core/steps/commit-split.ts';
import { planPrediction } from '../../core/steps/plan-prediction.ts';
import { planSplit } from '../../core/steps/plan-split.ts';
import { keepWarm, type Ports } from '../../core/steps/ports.ts';
import { predictShard } from '../../core/steps/predict-shard.ts';
import { prepareStudy } from '../../core/steps/prepare-study.ts';
import { settleSplit } from '../../core/steps/settle-split.ts';
import { splitShard } from '../../core/steps/split-shard.ts';
import { surveyShard } from '../../core/steps/survey-shard.ts';
import { tell } from '../../core/steps/tell.ts';
import { train } from '../../core/steps/train.ts';
import { type ByteSource, decodeJson, encodeJson, type ObjectStore } from '../../core/store.ts';
import type { Batch, Field } from '../../core/tables/batch.ts';
import type { TableFormat } from '../../core/tables/format.ts';
import { encodeTable } from '../../core/tables/write.ts';
import { batchOf, chance } from '../core/training/tables.ts';
import { byteSource } from './byte-source.ts';

export const noon = Date.UTC(2026, 0, 1, 12);
export const execution = 'run-1';

const fields: readonly Field[] = [
  { name: 'id', type: 'integer' },
  { name: 'distance', type: 'float' },
  { name: 'seats', type: 'integer' },
  { name: 'city', type: 'string' },
  { name: 'late', type: 'boolean' },
];

/** Flights `from` and on, whose id is their number: long ones and those from C3 are more often late. */
export function flights(rows: number, from = 0): Batch {
  const next = chance(7 + from);
  return batchOf(
    fields,
    Array.from({ length: rows }, (_, row) => {
      const distance = Math.round(next() * 4000) / 4;
      const city = Math.floor(next() * 5);
      const late = next() < (distance > 500 ? 0.5 : 0.1) + (city === 3 ? 0.4 : 0);
      return [from + row, distance, Math.floor(next() * 300), `C${city}`, late];
    }),
  );
}

export const fileOf = (format: TableFormat, ...batches: readonly Batch[]): ByteSource =>
  byteSource(encodeTable(format, batches), `flights.${format}`);

/** No trainable is a function of its own. */
const nobodyCalled: Ports['calls'] = {
  uri: (key) => `memory:${key}`,
  call: async (reference) => {
    throw new Error(`${reference} was called`);
  },
};

/** Real steps over a store: no network, and a clock that stands. `files` by the path that specifications name. */
export function stepPorts(
  store: ObjectStore,
  files: Readonly<Record<string, readonly ByteSource[]>>,
  change: Partial<Ports> = {},
): Ports {
  return {
    store,
    open: async (uri) =>
      files[uri] ??
      Object.values(files)
        .flat()
        .filter((file) => file.uri === uri),
    loadModel,
    openGraph,
    loadCode: codeLoader(store),
    calls: nobodyCalled,
    tracker: undefined,
    decompressors: {},
    gunzip,
    now: () => noon,
    remaining: () => 900_000,
    warm: keepWarm(),
    ...change,
  };
}

/** A small study of the flights: three trials on rungs of 2 and 6 rounds. */
export const specOf = (change: Readonly<Record<string, unknown>> = {}): Spec =>
  Spec.parse({
    name: 'late',
    table: { path: 'flights', shards: 3 },
    target: 'late',
    inputs: ['distance', 'seats', 'city'],
    tune: {
      trials: 3,
      scheduler: { kind: 'asha', min: 2, max: 6, eta: 3 },
      space: { leaves: { low: 3, high: 12, integer: true } },
    },
    ...change,
  });

export async function putSpec(store: ObjectStore, spec: Spec): Promise<string> {
  const digest = await digestOf(spec);
  await store.put(keys.spec(digest), encodeJson(spec));
  return digest;
}

interface Planned {
  readonly job: string;
  readonly dataset: string;
  readonly prediction: string;
  readonly next: string;
}

const shardCount = async (store: ObjectStore, job: string): Promise<number> =>
  (decodeJson((await store.get(keys.shardList(job)))!.body) as readonly unknown[]).length;

export async function splitAll(spec: string, ports: Ports): Promise<Planned> {
  const planned = (await planSplit({ spec, execution }, ports)) as Planned;
  const { job } = planned;
  const count = await shardCount(ports.store, job);
  if (planned.next === 'survey') {
    for (let shard = 0; shard < count; shard++) await surveyShard({ job, shard, execution }, ports);
    await settleSplit({ job, execution }, ports);
  }
  for (let shard = 0; shard < count; shard++) await splitShard({ job, shard, execution }, ports);
  await commitSplit({ spec, job, execution }, ports);
  return planned;
}

export async function prepare(spec: string, dataset: string, ports: Ports): Promise<string> {
  const answer = await prepareStudy({ spec, dataset, lanes: 2, execution }, ports);
  return (answer as { readonly study: string }).study;
}

export interface Asked {
  readonly next: 'train' | 'wait' | 'done';
  readonly claim: string;
  readonly rung: number;
}

export const askAs = async (study: string, lane: number, ports: Ports, as = execution): Promise<Asked> =>
  (await ask({ study, lane, execution: as }, ports)) as Asked;

export interface Trained {
  readonly next: 'tell' | 'continue';
  readonly outcome: Outcome;
}

export const trainOnce = async (study: string, claim: string, ports: Ports): Promise<Trained> =>
  (await train({ study, claim }, ports)) as Trained;

/** Trains the best trial once more, as the study's conclusion asks. */
export async function refitAsked(asked: object, ports: Ports): Promise<Trained> {
  const { study, leg, execution: as } = asked as { study: string; leg: Leg; execution: string };
  return (await train({ study, refit: leg, execution: as }, ports)) as Trained;
}

/** One lane until the study is done. Gives the claims that it had. */
export async function runLane(study: string, ports: Ports, as = execution): Promise<string[]> {
  const claims: string[] = [];
  for (;;) {
    const { next, claim } = await askAs(study, 0, ports, as);
    if (next !== 'train') return claims;
    const { outcome } = await trainOnce(study, claim, ports);
    await tell({ study, claim, outcome }, ports);
    claims.push(claim);
  }
}

export async function planPredict(
  spec: string,
  digest: string,
  dataset: string | null,
  ports: Ports,
  features: string | null = null,
): Promise<Planned> {
  const model = { digest, name: 'late', features };
  return (await planPrediction({ spec, model, dataset, execution }, ports)) as Planned;
}

export async function predictAll(
  spec: string,
  digest: string,
  dataset: string | null,
  ports: Ports,
  features: string | null = null,
): Promise<Planned> {
  const planned = await planPredict(spec, digest, dataset, ports, features);
  const { job } = planned;
  const count = await shardCount(ports.store, job);
  for (let shard = 0; shard < count; shard++) await predictShard({ job, shard, execution }, ports);
  await commitPrediction({ job, execution }, ports);
  return planned;
}
