import { digestOfCode, mapCode } from '../code/references.ts';
import type { FlowName } from '../contracts/functions.ts';
import { keys } from '../contracts/keys.ts';
import type { CodeRef } from '../contracts/names.ts';
import type { ReceiveUploadRequest } from '../contracts/requests.ts';
import { PredictionSpec, type Spec } from '../contracts/spec.ts';
import {
  answerSuffix,
  type Binding,
  flowFolders,
  specLimitBytes,
  type UploadAnswer,
  uploadedLanes,
  uploadsPrefix,
} from '../contracts/uploads.ts';
import { digestOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import type { Json } from '../json.ts';
import { readPrediction, readSpec } from '../spec/read.ts';
import { encodeJson, type ObjectHead, type ObjectStore } from '../store.ts';
import { formatOf } from '../tables/format.ts';
import { openTable } from '../tables/manifest.ts';
import { requireSpace } from '../trainables/require-space.ts';
import { locate } from '../uploads/locate.ts';
import type { Ports } from './ports.ts';

/** Starts a flow once: `exists` where an execution has that name already. Names are at most 80 of [A-Za-z0-9_-]. */
export type StartFlow = (flow: FlowName, name: string, input: Json) => Promise<'started' | 'exists'>;

export interface UploadPorts extends Pick<Ports, 'store' | 'open'> {
  readonly startFlow: StartFlow;
  readonly bindings: readonly Binding[];
}

/** What an upload asks for: a flow over a specification, by a name that the same upload has again. */
interface Order {
  readonly flow: FlowName;
  readonly spec: Spec | PredictionSpec;
  readonly input: Readonly<Record<string, Json>>;
}

/**
 * Starts the flow that a new object below `uploads/` asks for, once, however often and in which order its events come.
 * What cannot be understood is answered by an object beside it, and that is no failure: the event would come again.
 */
export async function receiveUpload({ detail }: ReceiveUploadRequest, ports: UploadPorts): Promise<object> {
  const { store } = ports;
  const upload = await findUpload(detail.object.key, store);
  if (upload === undefined) return { ignored: 'it is not there any more' };
  const kind = kindOf(upload.key, ports.bindings);
  if (kind.kind === 'ignored') return { ignored: kind.reason };
  const { etag } = detail.object;
  if (etag !== undefined && bare(etag) !== bare(upload.etag)) return { ignored: 'a newer version is there' };

  const answerKey = `${upload.key}${answerSuffix}`;
  try {
    const uri = `s3://${detail.bucket.name}/${upload.key}`;
    const order = kind.kind === 'table' ? predictTable(kind.binding, uri) : await orderOf(upload, uri, ports);
    const digest = await digestOf(order.spec);
    await store.put(keys.spec(digest), encodeJson(order.spec));
    const version = detail.object['version-id'] ?? detail.object.sequencer ?? '';
    const name = `${order.spec.name}-${(await digestOf([upload.key, bare(upload.etag), version])).slice(0, 20)}`;
    const started = await ports.startFlow(order.flow, name, { spec: digest, ...order.input });
    if (await store.head(answerKey)) await store.delete(answerKey);
    return { started: started === 'started', flow: order.flow, execution: name, spec: digest };
  } catch (error) {
    if (!isMistake(error)) throw error;
    const answer: UploadAnswer = {
      upload: upload.key,
      error: error.name,
      mistakes: error.message.split('\n'),
    };
    await store.put(answerKey, encodeJson(answer));
    return { refused: upload.key, reason: error.message };
  }
}

/** The object by the key as it is or, where there is none, as LocalStack encodes it. */
async function findUpload(key: string, store: ObjectStore): Promise<ObjectHead | undefined> {
  const decoded = decodedKey(key);
  return (await store.head(key)) ?? (decoded === key ? undefined : await store.head(decoded));
}

function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

/** An ETag without the quotes that HTTP puts around it. */
const bare = (etag: string): string => etag.replaceAll('"', '');

type Kind =
  | { readonly kind: 'specification' }
  | { readonly kind: 'table'; readonly binding: Binding }
  | { readonly kind: 'ignored'; readonly reason: string };

function kindOf(key: string, bindings: readonly Binding[]): Kind {
  const name = key.slice(key.lastIndexOf('/') + 1);
  if (!key.startsWith(uploadsPrefix)) return { kind: 'ignored', reason: 'it is not below uploads/' };
  if (key.endsWith(answerSuffix)) return { kind: 'ignored', reason: 'it is an answer of ours' };
  if (name === '' || /^[._]/.test(name)) return { kind: 'ignored', reason: 'it is a folder or hidden' };
  const binding = bindings
    .filter(({ prefix }) => key.startsWith(prefix))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
  if (/\.ya?ml$/i.test(name) || (binding === undefined && /\.json$/i.test(name))) {
    return { kind: 'specification' };
  }
  if (binding !== undefined) return { kind: 'table', binding };
  return { kind: 'ignored', reason: 'no model is bound to its folder: a specification may name it' };
}

/** A table below a bound folder. `InvalidSpec` where its name promises no format that can be read. */
function predictTable({ prefix, model, format, keep, experiment, target }: Binding, path: string): Order {
  formatOf(path);
  const folder = prefix.split('/').at(-2)!;
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
  const spec = PredictionSpec.parse({
    name: name || 'uploaded',
    table: { path },
    predict: { model, format, ...(keep && { keep }) },
    experiment: experiment ?? folder,
    ...(target && { target }),
  });
  return { flow: 'predict', spec, input: { model: null, dataset: null } };
}

async function orderOf(upload: ObjectHead, uri: string, { store, open }: UploadPorts): Promise<Order> {
  if (upload.size > specLimitBytes) {
    throw new FanfareError(
      'InvalidSpec',
      `${upload.key}: a specification of ${upload.size} bytes; at most ${specLimitBytes} are allowed`,
    );
  }
  const object = await store.get(upload.key);
  const text = textOf(object?.body ?? new Uint8Array(), upload.key);
  const [, flow] = flowFolders.find(([folder]) => upload.key.startsWith(folder)) ?? [];
  if (flow === 'predict') {
    const spec = locate(readPrediction(text, upload.key), uri);
    await mapCode(spec, (reference) => requireBrought(reference, store));
    await openTable((spec.predict.table ?? spec.table).path, open);
    return { flow, spec, input: { model: null, dataset: null } };
  }
  const spec = locate(readSpec(text, upload.key), uri);
  requireSpace(spec);
  await mapCode(spec, (reference) => requireBrought(reference, store));
  await openTable(spec.table.path, open);
  if (flow === 'split') return { flow, spec, input: {} };
  return { flow: 'pipeline', spec, input: { lanes: lanesOf(spec) } };
}

/** `InvalidSpec` for code that lies elsewhere than in the bucket, `MissingInput` where nothing there has that digest. */
async function requireBrought(reference: CodeRef, store: ObjectStore): Promise<CodeRef> {
  const key = keys.code(digestOfCode(reference));
  if (await store.head(key)) return reference;
  throw new FanfareError('MissingInput', `user code ${reference}: there is no ${key}`);
}

const lanesOf = ({ tune }: Spec): number => tune.lanes ?? Math.min(uploadedLanes, tune.trials);

function textOf(bytes: Uint8Array, key: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FanfareError('InvalidSpec', `${key}: a specification is text in UTF-8, and this is not`, {
      cause,
    });
  }
}

/** The mistakes of the one who uploaded it; the rest is ours, and may pass when it is tried again. */
const isMistake = (error: unknown): error is FanfareError =>
  error instanceof FanfareError && (error.name === 'InvalidSpec' || error.name === 'MissingInput');
