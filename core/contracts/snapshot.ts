import * as z from 'zod';
import { Instant, Params } from './names.ts';
import { Claim, Outcome } from './study.ts';

/**
 * `snapshots/<from>-<to>.json`: the claims `from` to `to` - 1 of a study's log, and the outcomes that one of them was the first to
 * have seen. Whoever writes it writes the same. Read in place of the log; where it is missing the log says all of it.
 */
export const Snapshot = z.strictObject({
  /** `number` is their place, and `params` are those of the trial's first claim, which alone has them. */
  claims: z.array(Claim.omit({ number: true, params: true }).extend({ params: Params.exactOptional() })),
  /** By the number of the claim; all else that an event says its claim says too. */
  outcomes: z.array(z.strictObject({ claim: z.int().min(0), outcome: Outcome, at: Instant })),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** `snapshots/latest.json`: of so many claims the snapshots are there. The one object of a study that changes; it only grows. */
export const SnapshotMark = z.strictObject({ claims: z.int().min(0) });
export type SnapshotMark = z.infer<typeof SnapshotMark>;
