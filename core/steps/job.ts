import * as z from 'zod';
import { joinBytes } from '../bytes.ts';
import { Loss } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { Digest } from '../contracts/names.ts';
import type { Partition } from '../contracts/records.ts';
import type { CommitRequest, LoseShardRequest } from '../contracts/requests.ts';
import { sha256 } from '../digest.ts';
import { type ErrorName, FanfareError } from '../errors.ts';
import { encodeJson, type ObjectStore, type Room } from '../store.ts';
import { type Field, fieldsText } from '../tables/batch.ts';
import { readAll } from './objects.ts';
import type { Ports } from './ports.ts';

/** What a Map over shards reads: `[{ "shard": 0 }, …]`. */
export async function writeShardList(store: ObjectStore, job: string, count: number): Promise<string> {
  const key = keys.shardList(job);
  await store.put(key, encodeJson(Array.from({ length: count }, (_, shard) => ({ shard }))), {
    kind: 'absent',
  });
  return key;
}

/**
 * Writes a file of a job where none is. A second attempt finds the same bytes there, or others: of another cut, or of code
 * that does not give the same twice. Those are left alone, and these get their digest into their name.
 */
export async function writePartition(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array | readonly Uint8Array[],
  rows: number,
): Promise<Partition> {
  const parts = bytes instanceof Uint8Array ? [bytes] : bytes;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const { put, sha256: digest } = await putParts(store, key, parts);
  const partition = { key, rows, bytes: length, sha256: digest };
  if (put === 'written') return partition;
  const there = await store.get(key);
  if (there !== undefined && (await sha256(there.body)) === digest) return partition;
  const own = key.replace(/(\.[^./]+)$/, `-${digest.slice(0, 12)}$1`);
  await store.put(own, joinBytes(parts), { kind: 'absent' });
  return { ...partition, key: own };
}

async function putParts(
  store: ObjectStore,
  key: string,
  parts: readonly Uint8Array[],
): Promise<{ readonly put: 'written' | 'exists'; readonly sha256: Digest }> {
  const condition = { kind: 'absent' } as const;
  if (store.putParts) return store.putParts(key, parts, condition);
  const [only] = parts;
  const whole = parts.length === 1 ? only! : joinBytes(parts);
  return { sha256: await sha256(whole), put: await store.put(key, whole, condition) };
}

/** A partition's bytes, in `room` maybe, if they are still those that its manifest names; `StoreFailed` otherwise. */
export async function readPartition(
  store: ObjectStore,
  partition: Partition,
  room?: Room,
): Promise<Uint8Array> {
  const object = await store.get(partition.key, room);
  const checked = checkedIn(store);
  if (object !== undefined && checked.get(partition.sha256) === object.etag) return object.body;
  const found: Digest | undefined = object && (await sha256(object.body));
  if (object !== undefined && found === partition.sha256) {
    checked.set(found, object.etag);
    return object.body;
  }
  throw new FanfareError(
    'StoreFailed',
    `object ${partition.key} is ${found === undefined ? 'gone' : `changed (sha256 ${found})`}; its manifest says sha256 ${partition.sha256}. Put it back or remove ${partition.key.split('/', 2).join('/')}/, which the same command then makes anew`,
  );
}

/** The version of each partition that this process has looked through: a pass reads them again and again. */
const checkedBy = new WeakMap<ObjectStore, Map<Digest, string>>();

function checkedIn(store: ObjectStore): Map<Digest, string> {
  const checked = checkedBy.get(store) ?? new Map<Digest, string>();
  checkedBy.set(store, checked);
  return checked;
}

/** Keeps why a shard was lost: the commit tells it to the person who waits. */
export async function loseShard(request: LoseShardRequest, { store }: Pick<Ports, 'store'>): Promise<object> {
  const { job, shard, execution, error } = request;
  const loss: Loss = { shard, error: error.Error, cause: messageOf(error.Cause ?? '') };
  await store.put(keys.loss(job, shard, execution), encodeJson(loss));
  return {};
}

/** A part that was lost in this execution fails its job by the part's own error. */
export async function requireNoLoss(store: ObjectStore, job: string, execution: string): Promise<void> {
  const [first] = await readAll(store, keys.losses(job, execution), Loss);
  if (first) throw new FanfareError(errorNameOf(first), `${first.cause} (part ${first.shard} of a pass)`);
}

/** The receipts of all the job's shards, in their order; otherwise an error that says which are lost, and why. */
export async function allReceipts<Receipt extends { readonly shard: number }>(
  store: ObjectStore,
  request: CommitRequest,
  count: number,
  contract: z.ZodType<Receipt>,
): Promise<Receipt[]> {
  const receipts = await readAll(store, keys.receipts(request.job), contract);
  if (receipts.length === count) return receipts;
  const there = new Set(receipts.map((receipt) => receipt.shard));
  throw await lostShards(
    store,
    request,
    Array.from({ length: count }, (_, shard) => there.has(shard)),
  );
}

/** Which shards are lost, and why. `there`: by shard, whether it is not. */
export async function lostShards(
  store: ObjectStore,
  { job, execution }: CommitRequest,
  there: readonly boolean[],
): Promise<FanfareError> {
  const losses = await readAll(store, keys.losses(job, execution), Loss);
  const first = losses.find((loss) => !there[loss.shard]);
  const missing = `${there.filter((isThere) => !isThere).length} of ${there.length} shards failed`;
  if (first === undefined) return new FanfareError('BadTable', `${missing}, and none says why`);
  return new FanfareError(errorNameOf(first), `${first.cause} (shard ${first.shard}; ${missing})`);
}

/** What the person who waits can do something about keeps its name. */
const kept: readonly ErrorName[] = [
  'MissingInput',
  'InvalidSpec',
  'BadModel',
  'UserCodeFailed',
  'ShardTooLarge',
  'StoreFailed',
];

const errorNameOf = ({ error }: Loss): ErrorName => kept.find((name) => name === error) ?? 'BadTable';

/** The columns that all shards came to; of none that came to no row. `UserCodeFailed` where two differ: only user code can. */
export function agreedFields(
  receipts: readonly { readonly shard: number; readonly fields: readonly Field[] | null }[],
): readonly Field[] {
  const held = receipts.flatMap(({ shard, fields }) =>
    fields ? [{ shard, text: fieldsText(fields), fields }] : [],
  );
  const [first] = held;
  const odd = held.find(({ text }) => text !== first?.text);
  if (first === undefined || odd === undefined) return first?.fields ?? [];
  throw new FanfareError(
    'UserCodeFailed',
    `shard ${odd.shard} came out with the columns ${odd.text}, but ${odd.shard === first.shard ? 'also' : `shard ${first.shard}`} with ${first.text}; a mapping gives the same columns for all rows`,
  );
}

/** The message within the JSON that Lambda gives as a failure's cause. */
export function messageOf(cause: string): string {
  try {
    const parsed = z.object({ errorMessage: z.string() }).safeParse(JSON.parse(cause));
    return parsed.success ? parsed.data.errorMessage : cause;
  } catch {
    return cause;
  }
}
