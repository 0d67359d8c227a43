import * as z from 'zod';
import type { FlowName } from '../../core/contracts/functions.ts';
import { keys } from '../../core/contracts/keys.ts';
import { legOf } from '../../core/contracts/names.ts';
import { History } from '../../core/search/history.ts';
import { readHistory } from '../../core/search/study-folder.ts';
import { findObject } from '../../core/steps/objects.ts';
import type { ObjectStore } from '../../core/store.ts';
import type { Reporter } from '../progress.ts';

interface Place {
  readonly store: ObjectStore;
  readonly progress: Pick<Reporter, 'onEvent' | 'onAnswer'>;
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
  const history = new History();
  const ended = new Set<number>();
  return async () => {
    const known = history.claims.length;
    await readHistory(store, study, history);
    for (const claimed of history.claims.slice(known)) {
      const claim = keys.claim(study, claimed.number);
      progress.onAnswer('ask', null, { next: 'train', claim, ...legOf(claimed), attempt: claimed.attempt });
    }
    for (const claim of history.claims) {
      const { number } = claim;
      const event = history.eventOf(claim);
      if (event === undefined || ended.has(number)) continue;
      ended.add(number);
      const { outcome } = event;
      const told = { study, claim: keys.claim(study, number), outcome };
      progress.onAnswer('tell', told, { ...legOf(claim), attempt: claim.attempt });
    }
  };
}
