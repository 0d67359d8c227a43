import { keys } from '../contracts/keys.ts';
import type { AggregateRequest } from '../contracts/requests.ts';
import { PredictionSpec, registryOf } from '../contracts/spec.ts';
import { ModelCard, type ModelSignature } from '../contracts/study.ts';
import { sha256 } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { encodeJson } from '../store.ts';
import { type ModelSource, modelSource } from '../tracking/model-source.ts';
import {
  downloadLogged,
  downloadModel,
  downloadOfRun,
  type ModelFile,
  type ResolvedModel,
  resolveModel,
} from '../tracking/registry.ts';
import type { Tracker } from '../tracking/tracker.ts';
import { bringProfile } from './model-profile.ts';
import { findObject, readObject } from './objects.ts';
import type { Ports } from './ports.ts';

/** Which model is meant; its bytes are in the bucket from then on, and what its signature says. */
export async function resolve(
  request: Extract<AggregateRequest, { kind: 'resolve' }>,
  ports: Ports,
): Promise<object> {
  const spec = await readObject(ports.store, keys.spec(request.spec), PredictionSpec);
  const registry = registryOf(spec);
  const uri = request.model ?? spec.predict.model ?? `models:/${registry.name}@${registry.alias}`;
  const source = modelSource(uri);
  if (source.kind === 'version') {
    const tracker = trackerOf(uri, ports);
    const model = await resolveModel(tracker, uri);
    const digest = await bring(model, tracker, ports);
    return { digest, name: model.name, features: await featuresOf(digest, model.features, ports) };
  }
  const digest = source.kind === 'digest' ? source.digest : await keep(await read(source, uri, ports), ports);
  return { digest, name: registry.name, features: await featuresOf(digest, undefined, ports) };
}

async function read(
  source: Exclude<ModelSource, { kind: 'digest' | 'version' }>,
  uri: string,
  ports: Ports,
): Promise<ModelFile> {
  switch (source.kind) {
    case 'logged':
      return downloadLogged(trackerOf(uri, ports), source.id);
    case 'run':
      return downloadOfRun(trackerOf(uri, ports), source.run, source.path);
    case 'object':
      return { bytes: await objectAt(uri, ports), columns: null };
    case 'file':
      throw new FanfareError(
        'InvalidSpec',
        `predict.model ${uri}: a file is brought by the command or the library; name sha256:<digest> or s3://bucket/key.onnx here`,
      );
  }
}

function trackerOf(uri: string, { tracker }: Ports): Tracker {
  if (tracker) return tracker;
  throw new FanfareError('TrackerUnavailable', `${uri} is to be looked up in MLflow, but no server is named`);
}

async function objectAt(uri: string, { open }: Ports): Promise<Uint8Array> {
  const [only, ...others] = await open(uri);
  if (only && others.length === 0) return only.read(0, only.size);
  throw new FanfareError(
    'MissingInput',
    `predict.model ${uri}: it names ${others.length + 1} objects, and not one`,
  );
}

/** The digest of a model that is in the bucket from now on. */
async function keep({ bytes, columns }: ModelFile, { store }: Ports): Promise<string> {
  const digest = await sha256(bytes);
  await store.put(keys.model(digest), bytes, { kind: 'absent' });
  if (columns) {
    const signature: ModelSignature = { digest, inputs: [...columns] };
    await store.put(keys.signature(digest), encodeJson(signature));
  }
  return digest;
}

/** What makes the model's columns: by its card or, where it was trained elsewhere, by what its version says. */
async function featuresOf(
  digest: string,
  tagged: string | undefined,
  { store }: Ports,
): Promise<string | null> {
  const card = await findObject(store, keys.modelCard(digest), ModelCard);
  return card?.features ?? tagged ?? null;
}

/** The digest of a version's file, which is in the bucket from now on, with what it was trained on where that is known. */
export async function bring(model: ResolvedModel, tracker: Tracker, ports: Ports): Promise<string> {
  const digest = await bringFile(model, tracker, ports);
  await bringProfile(model, digest, tracker, ports.store);
  return digest;
}

async function bringFile(
  { name, version, digest }: ResolvedModel,
  tracker: Tracker,
  ports: Ports,
): Promise<string> {
  if (digest !== undefined && (await ports.store.head(keys.model(digest)))) return digest;
  return keep(await downloadModel(tracker, name, version), ports);
}
