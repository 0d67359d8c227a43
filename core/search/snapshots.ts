import { keys } from '../contracts/keys.ts';
import { type Identity, legOf } from '../contracts/names.ts';
import { Snapshot, SnapshotMark } from '../contracts/snapshot.ts';
import type { Claim, StudyEvent } from '../contracts/study.ts';
import { isSame } from '../json.ts';
import { findObject } from '../steps/objects.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../store.ts';
import type { History } from './history.ts';

/** So many claims make a snapshot, and so many snapshots of one size the next larger one. */
export const unit = 8;
const fan = 4;

/** A reader who finds that so many claims are in none makes them. */
const overdue = 64;

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The snapshots that tell of the first claims, as many as there are whole ones for: the largest first, each at a multiple of
 * its size, so that there are few of them and a claim is written again a few times only.
 */
export function spansOf(claims: number): Span[] {
  const spans: Span[] = [];
  let size = unit;
  while (size * fan <= claims) size *= fan;
  for (let from = 0; size >= unit; size /= fan) {
    for (; from + size <= claims; from += size) spans.push({ from, to: from + size });
  }
  return spans;
}

/** Adds what snapshots tell. Where one is missing, nothing of those after it. */
export async function readSnapshots(store: ObjectStore, study: Identity, history: History): Promise<void> {
  const mark = await findObject(store, keys.snapshotMark(study), SnapshotMark);
  if (mark === undefined) return;
  history.snapshots = mark.claims;
  const spans = spansOf(mark.claims).filter(({ to }) => to > history.claims.length);
  const found = await Promise.all(
    spans.map(({ from, to }) => findObject(store, keys.snapshot(study, from, to), Snapshot)),
  );
  for (const [at, snapshot] of found.entries()) {
    if (snapshot === undefined) return;
    apply(history, snapshot, spans[at]!);
  }
}

/**
 * Writes the snapshots that the history's claims make due, if any: at each multiple of their size, by whoever made the claim
 * before it. May be ended anywhere, and be done by several at once.
 */
export async function writeSnapshots(store: ObjectStore, study: Identity, history: History): Promise<void> {
  const { length } = history.claims;
  const claims = length - (length % unit);
  const isDue = claims > history.snapshots && (claims === length || length - history.snapshots >= overdue);
  if (!isDue) return;
  const there = new Set(spansOf(history.snapshots).map(({ from, to }) => keys.snapshot(study, from, to)));
  for (const span of spansOf(claims)) {
    const key = keys.snapshot(study, span.from, span.to);
    if (there.has(key)) continue;
    const snapshot = fold(history, span);
    if (snapshot === undefined) return;
    await store.put(key, encodeJson(snapshot), { kind: 'absent' });
  }
  await moveMark(store, keys.snapshotMark(study), claims);
  history.snapshots = claims;
}

/** Of several that move it at once, one does; the next snapshot catches up. */
async function moveMark(store: ObjectStore, key: string, claims: number): Promise<void> {
  const before = await store.get(key);
  if (before && SnapshotMark.parse(decodeJson(before.body)).claims >= claims) return;
  const condition = before ? ({ kind: 'match', etag: before.etag } as const) : ({ kind: 'absent' } as const);
  await store.put(key, encodeJson({ claims } satisfies SnapshotMark), condition);
}

/** Undefined where the log holds something that no snapshot could tell. */
function fold(history: History, { from, to }: Span): Snapshot | undefined {
  const claims: Snapshot['claims'] = [];
  for (const { number: _, params, ...claim } of history.claims.slice(from, to)) {
    const first = history.firstOf(claim.trial);
    const isFirst = history.claims[from + claims.length] === first;
    if (!isFirst && !isSame(params, first.params)) return undefined;
    claims.push(isFirst ? { ...claim, params } : claim);
  }
  const outcomes: Snapshot['outcomes'] = [];
  for (const claim of history.claims.slice(0, to)) {
    const seen = history.seenAt(claim);
    if (seen < from || seen >= to || !history.counts(claim)) continue;
    const event = history.eventOf(claim);
    if (event === undefined || !isSame(event, eventOf(claim, event))) return undefined;
    outcomes.push({ claim: claim.number, outcome: event.outcome, at: event.at });
  }
  return { claims, outcomes };
}

function apply(history: History, { claims, outcomes }: Snapshot, { from }: Span): void {
  for (const [at, { params, ...claim }] of claims.entries()) {
    if (from + at !== history.claims.length) continue;
    const known = params ?? history.firstOf(claim.trial).params;
    history.add({ number: from + at, ...claim, params: known });
  }
  for (const { claim, ...told } of outcomes) history.end(claim, eventOf(history.claims[claim]!, told));
}

const eventOf = (claim: Claim, { outcome, at }: Pick<StudyEvent, 'outcome' | 'at'>): StudyEvent => ({
  ...legOf(claim),
  attempt: claim.attempt,
  params: claim.params,
  outcome,
  startedAt: claim.at,
  at,
});
