import type { ObjectList } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { PredictionSpec, Table } from '../contracts/spec.ts';
import { sha256 } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { type ByteSource, encodeJson, type ObjectStore } from '../store.ts';
import { groupObjects, objectFields } from '../tables/objects.ts';
import type { ObjectsShard } from '../tables/shard.ts';

/** What a function gets through in its time, whatever is made of an object. */
const fairBytes = 64 * 2 ** 20;
const fairObjects = 1000;

/** `InvalidSpec` where nothing would make a model's inputs of the objects, or their content is to be kept. */
export function requireObjectSpec({ predict }: PredictionSpec): void {
  if (predict.keep?.includes('content')) {
    const kept = objectFields.map(({ name }) => name).join(', ');
    throw new FanfareError(
      'InvalidSpec',
      `predict.keep: the content of objects is not carried along; there are ${kept}, and what preprocess makes`,
    );
  }
  if (predict.preprocess !== undefined) return;
  throw new FanfareError(
    'InvalidSpec',
    "predict.preprocess: a table of objects needs one, which makes the model's inputs of rows.bytes('content')",
  );
}

/** The shards of a table of objects. Each is a list of its own in the store, since every shard reads the plan. */
export async function planObjects(
  table: Table,
  sources: readonly ByteSource[],
  job: string,
  store: ObjectStore,
): Promise<readonly ObjectsShard[]> {
  const shards: ObjectsShard[] = [];
  for (const objects of groupObjects(sources, targetOf(table, sources), mostOf(table, sources))) {
    const index = shards.length;
    const uri = keys.objects(job, index);
    const list: ObjectList = [...objects];
    const body = encodeJson(list);
    await store.put(uri, body, { kind: 'absent' });
    shards.push({
      ...{ kind: 'objects', format: 'objects', index, rows: objects.length },
      source: { name: 'objects', uri, size: body.length, etag: await sha256(body) },
      bytes: objects.reduce((sum, { size }) => sum + size, 0),
    });
  }
  return shards;
}

function targetOf({ shard_bytes, shards }: Table, sources: readonly ByteSource[]): number {
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  return shard_bytes ?? (shards === undefined ? fairBytes : Math.ceil(total / shards));
}

const mostOf = ({ shards }: Table, { length }: readonly ByteSource[]): number =>
  shards === undefined ? fairObjects : Math.ceil(length / shards);
