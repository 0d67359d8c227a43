import { Conclusion } from '../contracts/conclusion.ts';
import { keys } from '../contracts/keys.ts';
import type { Identity } from '../contracts/names.ts';
import { Stopped } from '../contracts/stop.ts';
import { Budget, Claim, type Study, StudyEvent, StudyRecord } from '../contracts/study.ts';
import { digestOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { findObject } from '../steps/objects.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import { History } from './history.ts';
import { isDone } from './next.ts';
import { readSnapshots, unit } from './snapshots.ts';

/** So many objects are asked for at once. */
const together = 64;

/** The study, by the budget that is in force. */
export async function readStudy(store: ObjectStore, id: Identity): Promise<Study> {
  const study = await findStudy(store, id);
  if (study === undefined) throw new FanfareError('MissingInput', `there is no study ${id}`);
  return study;
}

/** As above; undefined: there is none yet. */
export async function findStudy(store: ObjectStore, id: Identity): Promise<Study | undefined> {
  const [record, budgets] = await Promise.all([
    findObject(store, keys.studyRecord(id), StudyRecord),
    readBudgets(store, id),
  ]);
  const budget = budgets.at(-1);
  return record && budget && withStop(store, { ...record, ...budget, budget: budgets.length - 1 });
}

/** The study with what stopped it, if anything did. */
export async function withStop(store: ObjectStore, study: Study): Promise<Study> {
  if (study.stopped) return study;
  const stopped = await findObject(store, keys.stop(study.study, study.budget), Stopped);
  return stopped ? { ...study, stopped } : study;
}

/** The study's budgets, each at its number. */
export async function readBudgets(store: ObjectStore, id: Identity): Promise<Budget[]> {
  const budgets: Budget[] = [];
  await readNumbered(
    0,
    (number) => findObject(store, keys.budget(id, number), Budget),
    (budget) => budgets.push(budget),
  );
  return budgets;
}

/** Makes this the budget in force. Asked for again, it is not written again. */
export async function settleBudget(store: ObjectStore, id: Identity, budget: Budget): Promise<void> {
  for (;;) {
    const budgets = await readBudgets(store, id);
    if ((await digestOf(budgets.at(-1) ?? null)) === (await digestOf(budget))) return;
    const key = keys.budget(id, budgets.length);
    if ((await store.put(key, encodeJson(budget), { kind: 'absent' })) === 'written') return;
  }
}

/** What the study came to, if all is done that its budget allows. */
export async function findConclusion(
  store: ObjectStore,
  study: Study,
  history: History,
): Promise<Conclusion | undefined> {
  if (!isDone(study, history)) return undefined;
  return findObject(store, keys.conclusion(study.study, history.claims.length), Conclusion);
}

/**
 * Brings a history up to date with the study's folder, and gives it. What was read is not read again: it costs a look for
 * the claim that comes next, and one for the outcome of each open claim. An empty one begins with the snapshots.
 */
export async function readHistory(
  store: ObjectStore,
  study: Identity,
  history: History = new History(),
): Promise<History> {
  const isEmpty = history.claims.length === 0;
  if (isEmpty) await readSnapshots(store, study, history);
  return readLog(store, study, history, isEmpty ? unit : 1);
}

/** The same from the log alone. `ahead`: so many claims are looked for at first. */
export async function readLog(
  store: ObjectStore,
  study: Identity,
  history: History = new History(),
  ahead = 1,
): Promise<History> {
  // Outcomes last, so that each belongs to a claim that is known.
  await readClaims(store, study, history, ahead);
  await readEvents(store, study, history);
  return history;
}

const readClaims = (store: ObjectStore, study: Identity, history: History, ahead: number): Promise<void> =>
  readNumbered(
    history.claims.length,
    (number) => findObject(store, keys.claim(study, number), Claim),
    (claim) => history.add(claim),
    ahead,
  );

/** Objects that are numbered without a gap: where one is missing, they end. */
async function readNumbered<T>(
  first: number,
  find: (number: number) => Promise<T | undefined>,
  add: (found: T) => void,
  ahead = 1,
): Promise<void> {
  let next = first;
  for (let count = ahead; ; count = Math.min(together, 2 * count)) {
    const numbers = Array.from({ length: count }, (_, place) => next + place);
    for (const found of await Promise.all(numbers.map(find))) {
      if (found === undefined) return;
      add(found);
    }
    next += count;
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
