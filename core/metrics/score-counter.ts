import { joinBytes, joinNumbers } from '../bytes.ts';
import {
  binaryLabels,
  countScores,
  mergeScoreCounts,
  mostScores,
  noScores,
  type ScoreCounts,
} from './score-counts.ts';

/** Counts scores as they come in, a million at a time: to merge each batch into the others would cost more than to count it. */
export class ScoreCounter {
  #counts = noScores;
  #scores: Float32Array[] = [];
  #labels: Float64Array[] = [];
  #waiting = 0;

  /** Throws as `countScores` does, now or when more is added. */
  add(scores: Float32Array, labels: Float64Array): void {
    this.#scores.push(scores);
    this.#labels.push(labels);
    this.#waiting += scores.length;
    if (this.#waiting >= mostScores) this.#count();
  }

  counts(): ScoreCounts {
    if (this.#waiting > 0) this.#count();
    return this.#counts;
  }

  #count(): void {
    const bytes = joinBytes(
      this.#scores.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)),
    );
    const counted = countScores(new Float32Array(bytes.buffer), binaryLabels(joinNumbers(this.#labels)));
    this.#counts = mergeScoreCounts(this.#counts, counted);
    this.#scores = [];
    this.#labels = [];
    this.#waiting = 0;
  }
}
