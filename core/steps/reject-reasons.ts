import type { Reject } from '../contracts/job.ts';
import type { RejectReason } from '../contracts/records.ts';

/** So many are told apart; which are the most frequent is seen long before. */
const mostKinds = 1000;
/** What is shown of a reason that quotes a value. */
const shown = 200;

/** Counts why rows were rejected. Two reasons that differ in the value alone are one. */
export class ReasonCounts {
  readonly #kinds = new Map<string, { -readonly [Key in keyof RejectReason]: RejectReason[Key] }>();

  add({ file, row, column, reason }: Reject): void {
    const kind = reason.replace(value, '… is ').slice(0, shown);
    const key = JSON.stringify([column, kind]);
    const known = this.#kinds.get(key);
    if (known) known.rows++;
    else if (this.#kinds.size < mostKinds) {
      const example = { file, row, reason: reason.slice(0, shown) };
      this.#kinds.set(key, { column, reason: kind, rows: 1, example });
    }
  }

  /** Of two that are as frequent, the one that was seen first. */
  mostFrequent(count: number): readonly RejectReason[] {
    return [...this.#kinds.values()].toSorted((a, b) => b.rows - a.rows).slice(0, count);
  }
}

/** A value at a reason's beginning, as JSON or as a number: `"far" is not a number`, `1.5 is no int32`. */
const value = /^(?:"(?:[^"\\]|\\.)*"|[-+\w.]+) is (?=not? )/;
