import type { TrialNumber } from '../contracts/names.ts';
import type { Claim, Reported, Study, StudyEvent } from '../contracts/study.ts';
import type { Losses } from './pareto.ts';

/**
 * What a study's log says: who claimed what, in the order of the claims' numbers, and how it ended. Of several attempts at
 * one rung, or one fold of it, the last counts. Grows as the folder does; in which order the outcomes were found makes no
 * difference.
 */
export class History {
  /** All of them, each at its number. */
  readonly claims: Claim[] = [];
  readonly #events = new Map<number, StudyEvent>();
  /** By number, those that count and have no outcome. */
  readonly #open = new Map<number, Claim>();
  /** The last claims of each trial, a rung. */
  readonly #rungs: Map<TrialNumber, Claim[]>[] = [];
  /** By number: the first claim that was decided with the outcome of this one in sight. */
  readonly #seen = new Map<number, number>();
  readonly #unseen = new Set<number>();
  /** The claim that began each trial. */
  readonly #first = new Map<TrialNumber, Claim>();
  /** Of so many claims, the snapshots are known to be there. */
  snapshots = 0;

  add(claim: Claim): void {
    this.#see(claim);
    this.claims.push(claim);
    if (!this.#first.has(claim.trial)) this.#first.set(claim.trial, claim);
    this.#rungs[claim.rung] ??= new Map();
    const rung = this.#rungs[claim.rung]!;
    const folds = rung.get(claim.trial) ?? [];
    const fold = claim.fold ?? 0;
    this.#open.delete(folds[fold]?.number ?? claim.number);
    this.#open.set(claim.number, claim);
    folds[fold] = claim;
    rung.set(claim.trial, folds);
  }

  #see({ number, attempt, open }: Claim): void {
    // A successor decides nothing.
    if (attempt === 1) {
      for (const earlier of this.#unseen) {
        if (open.includes(earlier)) continue;
        this.#seen.set(earlier, number);
        this.#unseen.delete(earlier);
      }
    }
    this.#unseen.add(number);
  }

  /** How the claim of that number, which was added, ended. */
  end(number: number, event: StudyEvent): void {
    this.#events.set(number, event);
    this.#open.delete(number);
  }

  /** The claims of a rung that count: of each trial one a fold that was begun, in their order, or one without folds. */
  rung(rung: number): ReadonlyMap<TrialNumber, readonly Claim[]> {
    return this.#rungs[rung] ?? noClaims;
  }

  /** The claims that count and have not ended, the oldest first. */
  get open(): readonly Claim[] {
    return [...this.#open.values()];
  }

  eventOf(claim: Claim): StudyEvent | undefined {
    return this.#events.get(claim.number);
  }

  /** The claim by which a trial was begun. */
  firstOf(trial: TrialNumber): Claim {
    return this.#first.get(trial)!;
  }

  /** Whether it is the last of the attempts at what it is about. */
  counts({ number, trial, rung, fold = 0 }: Claim): boolean {
    return this.rung(rung).get(trial)?.[fold]?.number === number;
  }

  /** The number of the first claim that was decided with the outcome of this one in sight; Infinity: none was yet. */
  seenAt({ number }: Claim): number {
    return this.#seen.get(number) ?? Infinity;
  }

  /** The claims that count and whose outcome nothing was decided with. */
  get unseen(): readonly Claim[] {
    return [...this.#unseen].map((number) => this.claims[number]!).filter((claim) => this.counts(claim));
  }

  /** In the order in which they were found. */
  get events(): IterableIterator<StudyEvent> {
    return this.#events.values();
  }

  /** So many trials were begun: those below this number. */
  get begun(): number {
    return this.rung(0).size;
  }
}

/** What an ask sees of it, which in deterministic mode is less than all. */
export type Seen = Pick<History, 'rung' | 'eventOf' | 'seenAt' | 'open' | 'begun'>;

const noClaims: ReadonlyMap<TrialNumber, readonly Claim[]> = new Map();

/** What an outcome says of each objective, as something to make small. */
export const lossesOf = (
  { direction, also = [] }: Pick<Study, 'direction' | 'also'>,
  { value, metrics }: Pick<Reported, 'value' | 'metrics'>,
): Losses => [
  lossOf({ direction }, value),
  ...also.map((objective) => lossOf(objective, metrics[objective.metric]!)),
];

/** A metric as something to make small. */
export const lossOf = ({ direction }: Pick<Study, 'direction'>, value: number): number =>
  direction === 'maximize' ? -value : value;
