import { keys } from '../contracts/keys.ts';
import type { PassPlan } from '../contracts/pass.ts';
import type { Partition } from '../contracts/records.ts';
import { sha256 } from '../digest.ts';
import type { Json } from '../json.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import { gatherParts, type Pass } from '../training/pass.ts';
import { requireNoLoss, writeShardList } from './job.ts';
import { seal, unseal } from './seal.ts';

/** Of the training side, that one invocation reads in a pass: a few seconds of its time. */
export const mostPartBytes = 128 * 2 ** 20;

/** That a pass has still to be gathered, by a Map over its parts; the step that meets it answers the flow so. */
class PassWanted extends Error {
  readonly job: string;
  readonly plan: PassPlan;
  readonly request: Uint8Array;

  constructor(job: string, plan: PassPlan, request: Uint8Array) {
    super(`a pass over ${plan.parts.length} parts is wanted (${job})`);
    this.job = job;
    this.plan = plan;
    this.request = request;
  }
}

/** The partitions in runs of at most so many bytes, or of one. They depend on nothing else, wherever they are read. */
export function partsOf(partitions: readonly Partition[], most: number): Partition[][] {
  const parts: Partition[][] = [];
  let bytes = 0;
  for (const partition of partitions) {
    const last = parts.at(-1);
    bytes += partition.bytes;
    if (last && bytes <= most) last.push(partition);
    else {
      parts.push([partition]);
      bytes = partition.bytes;
    }
  }
  return parts;
}

/**
 * What the parts of a pass come to together: as it was merged before, or merged now from what the Map's functions wrote, which
 * then goes. `PassWanted` while some of that is not there.
 */
export async function mergedPass(
  store: ObjectStore,
  folder: string,
  plan: PassPlan,
  pass: Pass,
  request: Uint8Array,
): Promise<Uint8Array> {
  const job = `${folder}passes/${(await sha256(request)).slice(0, 16)}/`;
  const before = await readSealed(store, keys.passMerged(job));
  if (before) {
    // Where the process ended before it had tidied up.
    if (await store.head(keys.passPart(job, 0))) await removeParts(store, job, plan);
    return before;
  }
  const parts: Uint8Array[] = [];
  for (const part of plan.parts.keys()) {
    const bytes = await readSealed(store, keys.passPart(job, part));
    if (bytes === undefined) throw new PassWanted(job, plan, request);
    parts.push(bytes);
  }
  const merged = await gatherParts(pass, request, parts);
  await store.put(keys.passMerged(job), await seal(merged));
  await removeParts(store, job, plan);
  return merged;
}

/** The first goes last: while it is there, others may be. */
async function removeParts(store: ObjectStore, job: string, { parts }: PassPlan): Promise<void> {
  for (const part of [...parts.keys()].reverse()) await store.delete(keys.passPart(job, part));
}

/**
 * The work's answer or, where it wants a pass, the flow's way to that: `gather`, with the job and the list of its parts, and
 * what was asked, after which the same is asked again. A part that this execution has lost fails it, by the part's own error.
 */
export async function orGather(
  store: ObjectStore,
  asked: { readonly execution: string } & Readonly<Record<string, Json>>,
  work: () => Promise<object>,
): Promise<object> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PassWanted)) throw error;
    const { job, plan, request } = error;
    await requireNoLoss(store, job, asked.execution);
    await store.put(keys.passRequest(job), request, { kind: 'absent' });
    await store.put(keys.plan(job), encodeJson(plan), { kind: 'absent' });
    const shards = await writeShardList(store, job, plan.parts.length);
    return { ...asked, next: 'gather', job, shards };
  }
}

/** Leaves what a run has come to, where it cannot go on before a pass was gathered. */
export async function orLeave(advance: void | Promise<void>, leave: () => Promise<void>): Promise<void> {
  try {
    await advance;
  } catch (error) {
    if (error instanceof PassWanted) await leave();
    throw error;
  }
}

export async function readSealed(store: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  const object = await store.get(key);
  return object && unseal(object.body);
}
