import { keys } from '../contracts/keys.ts';
import { Pending } from '../contracts/pending.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import { readAll } from './objects.ts';

/** Written before the record that it speaks of is acknowledged, so that nothing is ever owed to MLflow in silence. */
export async function markPending(store: ObjectStore, pending: Pending): Promise<void> {
  await store.put(keyOf(pending), encodeJson(pending));
}

export const clearPending = (store: ObjectStore, pending: Pending): Promise<void> =>
  store.delete(keyOf(pending));

/** What MLflow does not have yet, in the order in which it is to be sent: models before what names them. */
export async function listPending(store: ObjectStore): Promise<Pending[]> {
  const order = ['model', 'prediction', 'evaluation'];
  const all = await readAll(store, keys.pendingPrefix, Pending);
  return all.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function keyOf(pending: Pending): string {
  switch (pending.kind) {
    case 'model':
      return keys.pending(pending.kind, pending.study);
    case 'prediction':
      return keys.pending(pending.kind, pending.prediction);
    case 'evaluation':
      return keys.pending(pending.kind, pending.evaluation);
  }
}
