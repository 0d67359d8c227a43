import * as z from 'zod';
import type { Pending } from '../core/contracts/pending.ts';
import { FanfareError } from '../core/errors.ts';
import { listPending } from '../core/steps/pending.ts';
import type { Engine } from './engine.ts';

/** What the aggregator says of a record. */
const Answer = z.object({
  recorded: z.boolean(),
  reason: z.string().optional(),
  decision: z.string().optional(),
});

export interface SyncDocument {
  /** What was tried, and what MLflow made of it. */
  readonly sent: readonly (Pending & z.infer<typeof Answer>)[];
  /** What it does not have yet. */
  readonly left: readonly Pending[];
}

/**
 * Sends MLflow what it does not have yet; `TrackerUnavailable` where it takes nothing. On AWS only the stack's own function
 * talks to MLflow, and its schedule has it look every few minutes: nothing is sent from here.
 */
export async function syncRecords(
  { kind, store, invoke }: Engine,
  uri: Promise<string | undefined>,
): Promise<SyncDocument> {
  if (kind === 'aws') return { sent: [], left: await listPending(store) };
  if ((await uri) === undefined) {
    throw new FanfareError(
      'TrackerUnavailable',
      'there is no MLflow to send to: name a server in MLFLOW_TRACKING_URI, or install Python 3.10 or newer and run npm start once',
    );
  }
  const sent = [];
  for (const pending of await listPending(store)) {
    sent.push({ ...pending, ...Answer.parse(await invoke('aggregate', pending)) });
  }
  const [first] = sent;
  if (first !== undefined && !sent.some(({ recorded }) => recorded)) {
    throw new FanfareError(
      'TrackerUnavailable',
      `${first.reason}; nothing was sent, ${sent.length} records still wait`,
    );
  }
  return { sent, left: await listPending(store) };
}
