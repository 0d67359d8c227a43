import type { ColumnBins } from '../contracts/drift.ts';
import type { Categories } from '../tables/categories.ts';
import type { ColumnProfile, Profile } from '../tables/profile.ts';
import { sum } from './psi.ts';

const mostBins = 10;
const mostWords = 20;
/** A column with more words than these is one of names or ids. */
const mostRest = 1000;

export const binsOf = ({ columns }: Profile): ColumnBins[] => columns.map(binsOfColumn);

export function binsOfColumn(column: ColumnProfile): ColumnBins {
  const { name, missing } = column;
  if (column.kind === 'categories') return { kind: 'categories', name, missing, ...topOf(column.categories) };
  const { sketch, min, max, infinite } = column;
  const single = [min ?? 0, max ?? 0, ...sketch.values].every((value) => Math.fround(value) === value);
  return {
    kind: 'numbers',
    name,
    missing,
    min,
    max,
    single,
    infinite,
    ...divide(sketch, sketch.bits === 52),
  };
}

/**
 * Cuts between buckets, where what lies below is nearest to a tenth, two tenths … of the rows; equal values stay together.
 * So the counts are exact, and it is the cuts that are off: by at most half of what the bucket at the tenth holds.
 */
function divide(
  { values, counts }: { readonly values: readonly number[]; readonly counts: readonly number[] },
  exact: boolean,
): { readonly edges: number[]; readonly counts: number[] } {
  const total = sum(counts);
  const edges: number[] = [];
  const held: number[] = [];
  let [before, below, at] = [0, counts[0] ?? 0, 1];
  for (let tenth = 1; tenth < mostBins; tenth++) {
    const target = (tenth * total) / mostBins;
    // `below` rows lie below the cut before bucket `at`; a later one may be nearer.
    while (at + 1 < values.length && Math.abs(below + counts[at]! - target) < Math.abs(below - target)) {
      below += counts[at]!;
      at++;
    }
    if (at >= values.length || below === before) continue;
    edges.push(edgeBelow(values, at, exact));
    held.push(below - before);
    before = below;
  }
  return { edges, counts: [...held, total - before] };
}

/** The least number that belongs to a bucket or to one above it. A bucket is named by its end that is nearer to zero; that of zero has the least numbers of both signs. */
const edgeBelow = (values: readonly number[], at: number, exact: boolean): number =>
  exact || values[at]! > 0 ? values[at]! : nextUp(values[at - 1]!);

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The least double that is greater. */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  double[0] = value;
  bits[0]! += value > 0 ? 1n : -1n;
  return double[0]!;
}

function topOf({ counts, others, zeros }: Categories) {
  const top = counts.slice(0, mostWords);
  const rest = counts.slice(mostWords);
  return {
    words: top.map(([word]) => word),
    counts: top.map(([, count]) => count),
    others: others + sum(rest.map(([, count]) => count)),
    rest: zeros > 0 || rest.length > mostRest ? null : rest.map(([word]) => word),
  };
}
