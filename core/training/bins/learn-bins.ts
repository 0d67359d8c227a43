import { FanfareError } from '../../errors.ts';
import type { Batch } from '../../tables/batch.ts';
import { columnNamed, type Feature, featureNumbers, wordsNamed } from '../features.ts';
import { labelledBatches } from '../labelled.ts';
import type { TrainingTable } from '../trainable.ts';
import { ValueCounts } from '../value-counts.ts';
import {
  type BinBytes,
  equalFrequencyEdges,
  type FeatureBins,
  frequentCategories,
  maxBins,
  maxWideBins,
} from './bin-plan.ts';

/** Distinct texts of one column that are counted before it is refused. */
const maxDistinct = 262_144;

/** The bins of each feature by the training side's labelled rows, and how many those are. `note` is shown every batch. */
export async function learnBins(
  table: TrainingTable,
  features: readonly Feature[],
  binBytes: BinBytes,
  note: (batch: Batch) => void,
): Promise<{ readonly bins: FeatureBins[]; readonly labelled: number }> {
  const counters = features.map((feature) => counterOf(feature, binBytes === 1 ? maxBins : maxWideBins));
  let rows = 0;
  for await (const { batch } of labelledBatches(table, 'train')) {
    note(batch);
    for (const counter of counters) counter.add(batch);
    rows += batch.rows;
  }
  return { bins: counters.flatMap((counter) => counter.bins()), labelled: rows };
}

interface Counter {
  add(batch: Batch): void;
  /** Of as many features as tell its values apart. */
  bins(): readonly FeatureBins[];
}

function counterOf(feature: Feature, most: number): Counter {
  return feature.kind === 'category' ? categoryCounter(feature) : numberCounter(feature, most);
}

function numberCounter(feature: Exclude<Feature, { kind: 'category' }>, most: number): Counter {
  const counts = new ValueCounts();
  return {
    add(batch) {
      counts.add(featureNumbers(feature, columnNamed(batch, feature.column)));
    },
    bins: () => [{ kind: 'edges', feature, edges: equalFrequencyEdges(counts.buckets(), most - 1) }],
  };
}

function categoryCounter(feature: Extract<Feature, { kind: 'category' }>): Counter {
  const counts = new Map<string, number>();
  return {
    add(batch) {
      const { codes, dictionary, valid } = wordsNamed(batch, feature.column);
      const byCode = new Float64Array(dictionary.length);
      for (let row = 0; row < codes.length; row++) if (!valid || valid[row]) byCode[codes[row]!]!++;
      dictionary.forEach((word, code) => {
        if (word !== '' && byCode[code]! > 0) counts.set(word, (counts.get(word) ?? 0) + byCode[code]!);
      });
      if (counts.size <= maxDistinct) return;
      throw new FanfareError(
        'BadTable',
        `inputs: column "${feature.column}" has more than ${maxDistinct} different texts; leave it out of the inputs`,
      );
    },
    bins: () =>
      frequentCategories(counts, maxBins - 1).map((categories) => ({
        kind: 'categories',
        feature,
        categories,
      })),
  };
}
