import { legOf } from '../contracts/names.ts';
import type { Claim, Study, StudyEvent } from '../contracts/study.ts';
import { isSame } from '../json.ts';
import { History } from './history.ts';
import { type Decision, decideAgain } from './next.ts';

/** What was decided again, by what it was. */
export interface Replayed {
  /** New trials, whose parameters were proposed again. */
  readonly suggestions: number;
  readonly promotions: number;
  /** Further folds of a trial at a rung. */
  readonly folds: number;
  /** Claims that were taken over from an execution that had ended. */
  readonly takeovers: number;
  /** The first place where the folder is not what its own decisions come to. */
  readonly difference: Difference | null;
}

interface Difference {
  /** The number of the claim. */
  readonly claim: number;
  readonly what: string;
  /** What comes of deciding again, and what stands there. */
  readonly expected: unknown;
  readonly given: unknown;
}

/** A study's log as it lies in its folder: nothing of it is believed. */
export interface Log {
  /** By the number of the budget. */
  readonly studyBy: (budget: number) => Study | undefined;
  /** In the order of their numbers. */
  readonly claims: readonly Claim[];
  /** Of the claim of that number. */
  readonly eventOf: (number: number) => StudyEvent | undefined;
}

/**
 * Decides every claim again from what its ask had seen: the claims before it, and the outcomes of all but those that it says
 * were open. Stops at the first that comes out otherwise.
 */
export function replay({ studyBy, claims, eventOf }: Log): Replayed {
  const seen = new History();
  const counts = { suggestions: 0, promotions: 0, folds: 0, takeovers: 0 };
  for (const [number, claim] of claims.entries()) {
    const difference = catchUp(claim) ?? claimedAgain(claim);
    if (difference) return { ...counts, difference: { claim: number, ...difference } };
    counts[kindOf(claim)]++;
    seen.add(claim);
  }
  return { ...counts, difference: laterEvents() };

  /** Brings what is seen to what the claim's ask had seen. Who asks later has seen no less. */
  function catchUp({ open }: Claim): Omit<Difference, 'claim'> | undefined {
    const unseen = new Set(open);
    for (const { number } of seen.open) {
      if (unseen.delete(number)) continue;
      const event = eventOf(number);
      if (event === undefined) return missing(number);
      const strange = strangeness(claims[number]!, event);
      if (strange) return strange;
      seen.end(number, event);
    }
    const [strange] = unseen;
    return strange === undefined
      ? undefined
      : {
          what: `claim ${strange} was open to it`,
          expected: seen.open.map(({ number }) => number),
          given: open,
        };
  }

  function claimedAgain(claim: Claim): Omit<Difference, 'claim'> | undefined {
    const study = studyBy(claim.budget);
    if (study === undefined)
      return { what: `budget ${claim.budget}`, expected: 'its record', given: 'nothing' };
    return differenceOf(decideAgain(study, seen, claim), claim);
  }

  /** Of events that no ask has seen. */
  function laterEvents(): Difference | null {
    for (const claim of seen.open) {
      const event = eventOf(claim.number);
      const strange = event && strangeness(claim, event);
      if (strange) return { claim: claim.number, ...strange };
    }
    return null;
  }
}

function kindOf({ attempt, fold = 0, rung }: Claim): 'suggestions' | 'promotions' | 'folds' | 'takeovers' {
  if (attempt > 1) return 'takeovers';
  if (fold > 0) return 'folds';
  return rung > 0 ? 'promotions' : 'suggestions';
}

const missing = (number: number) => ({
  what: `the outcome of claim ${number}, which its ask had seen`,
  expected: `events/${number}`,
  given: 'nothing',
});

/** That an event is not about its claim. */
function strangeness(claim: Claim, event: StudyEvent): Omit<Difference, 'claim'> | undefined {
  const about = ({ attempt, params, ...rest }: Claim | StudyEvent) => ({ ...legOf(rest), attempt, params });
  const [expected, given] = [about(claim), about(event)];
  return isSame(expected, given)
    ? undefined
    : { what: `the event of claim ${claim.number}`, expected, given };
}

function differenceOf(decision: Decision, claim: Claim): Omit<Difference, 'claim'> | undefined {
  if (decision.kind !== 'claim')
    return { what: 'what its lane does', expected: decision.kind, given: 'claim' };
  const expected: Record<string, unknown> = { ...decision.claim };
  const given: Record<string, unknown> = { ...claim };
  for (const name of new Set([...Object.keys(expected), ...Object.keys(given)])) {
    if (!isSame(expected[name], given[name]))
      return { what: name, expected: expected[name] ?? null, given: given[name] ?? null };
  }
  return undefined;
}
