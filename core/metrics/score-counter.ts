import { joinBytes, joinNumbers } from '../bytes.ts';
import {
  countScores,
  mergeScoreCounts,
  noScores,
  type ScoreCounts,
  type ScoredRows,
} from './score-counts.ts';

/** Counts scores as they come in, a million at a time: to merge each batch into the others would cost more than to count it. */
export class ScoreCounter {
  readonly #most: number;
  #counts = noScores;
  #parts: ScoredRows[] = [];
  #waiting = 0;

  /** `most`: how many different scores are told apart. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Throws as `countScores` does, now or when more is added. */
  add(rows: ScoredRows): void {
    this.#parts.push(rows);
    this.#waiting += rows.scores.length;
    if (this.#waiting >= this.#most) this.#count();
  }

  counts(): ScoreCounts {
    if (this.#waiting > 0) this.#count();
    return this.#counts;
  }

  #count(): void {
    const bytes = joinBytes(
      this.#parts.map(({ scores }) => new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength)),
    );
    const weights = this.#parts.flatMap((part) => (part.weights ? [part.weights] : []));
    const rows = {
      scores: new Float32Array(bytes.buffer),
      labels: joinBytes(this.#parts.map(({ labels }) => labels)),
      weights: weights.length > 0 ? joinNumbers(weights) : undefined,
    };
    this.#counts = mergeScoreCounts(this.#counts, countScores(rows, this.#most), this.#most);
    this.#parts = [];
    this.#waiting = 0;
  }
}
