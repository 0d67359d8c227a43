import { keys } from '../contracts/keys.ts';
import type { Identity } from '../contracts/names.ts';
import { Claim, StudyEvent } from '../contracts/study.ts';
import { findObject } from '../steps/objects.ts';
import type { ObjectStore } from '../store.ts';
import { History } from './history.ts';

/** So many objects are asked for at once. */
const together = 64;

/**
 * Brings a history up to date with the study's folder, and gives it. What was read is not read again: it costs a look for
 * the claim that comes next, and one for the outcome of each open claim.
 */
export async function readHistory(
  store: ObjectStore,
  study: Identity,
  history: History = new History(),
): Promise<History> {
  // Outcomes last, so that each belongs to a claim that is known.
  await readClaims(store, study, history);
  await readEvents(store, study, history);
  return history;
}

/** Claims are numbered without a gap: where one is missing, they end. */
async function readClaims(store: ObjectStore, study: Identity, history: History): Promise<void> {
  for (let count = 1; ; count = Math.min(together, 2 * count)) {
    const numbers = Array.from({ length: count }, (_, place) => history.claims.length + place);
    const found = await Promise.all(
      numbers.map((number) => findObject(store, keys.claim(study, number), Claim)),
    );
    for (const claim of found) {
      if (claim === undefined) return;
      history.add(claim);
    }
  }
}

async function readEvents(store: ObjectStore, study: Identity, history: History): Promise<void> {
  const { open } = history;
  for (let from = 0; from < open.length; from += together) {
    await Promise.all(
      open.slice(from, from + together).map(async ({ number }) => {
        const event = await findObject(store, keys.event(study, number), StudyEvent);
        if (event) history.end(number, event);
      }),
    );
  }
}
