import * as z from 'zod';
import type { FlowName } from '../../core/contracts/functions.ts';
import { keys } from '../../core/contracts/keys.ts';
import { readHistory, type Seen } from '../../core/search/study-folder.ts';
import { findObject } from '../../core/steps/objects.ts';
import type { ObjectStore } from '../../core/store.ts';
import type { Progress } from '../output/progress.ts';

interface Place {
  readonly store: ObjectStore;
  readonly progress: Pick<Progress, 'onEvent' | 'onAnswer'>;
}

/** Tells what is new since the last look. */
export type Watch = () => Promise<void>;

/** What a flow leaves in the bucket, told as the local engine tells it while it happens. */
export const watchJob = (
  place: Place,
  flow: FlowName,
  planned: { readonly job: string } | { readonly study: string },
): Watch => ('job' in planned ? watchShards(place, flow, planned.job) : watchStudy(place, planned.study));

/** A shard that is done has a receipt. */
function watchShards({ store, progress }: Place, flow: FlowName, job: string): Watch {
  let told = 0;
  let planned = 0;
  const tell = (event: { kind: 'map-started'; items: number } | { kind: 'item-done'; index: number }) =>
    progress.onEvent({ flow, execution: job, at: Date.now(), state: 'Shards', ...event });
  return async () => {
    if (planned === 0) {
      const shards = await findObject(store, keys.shardList(job), z.array(z.unknown()));
      if (shards === undefined) return;
      planned = shards.length;
      tell({ kind: 'map-started', items: planned });
    }
    let done = 0;
    for await (const _ of store.list(keys.receipts(job))) done++;
    while (told < done) tell({ kind: 'item-done', index: told++ });
  };
}

/** A claim is what a lane was told to train, an event how it ended. */
function watchStudy({ store, progress }: Place, study: string): Watch {
  const seen: Seen = new Map();
  const told = new Set<string>();
  const once = (key: string, tell: () => void) => {
    if (!told.has(key)) tell();
    told.add(key);
  };
  return async () => {
    const { claims, events } = await readHistory(store, study, seen);
    for (const { trial, rung, attempt } of claims) {
      const claim = keys.claim(study, trial, rung, attempt);
      once(claim, () => progress.onAnswer('ask', null, { claim }));
    }
    for (const { trial, rung, attempt, outcome } of events) {
      const claim = keys.claim(study, trial, rung, attempt);
      once(`told ${claim}`, () => progress.onAnswer('tell', { study, claim, outcome }, null));
    }
  };
}
