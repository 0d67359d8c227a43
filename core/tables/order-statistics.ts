import { bucketOf, emptySketch, mergeSketches, type Sketch, sketchOf } from './sketch.ts';

/** Finite numbers, each of a stratum that counts from 0. */
export interface Strata {
  readonly strata: Int32Array;
  readonly values: Float64Array;
}

/** The k-th smallest of each stratum, for several k. */
export interface OrderStatistics {
  /** By stratum: how many numbers it has. */
  readonly counts: readonly number[];
  /** By stratum: the numbers at the ranks that were asked for. */
  readonly values: readonly (readonly number[])[];
}

/**
 * The numbers at ranks (from 0, below the stratum's count) of tables larger than memory, exactly: they are read once for
 * sketches and, where a sketch does not tell, once more for the numbers of the buckets that the ranks fall into, which are
 * about a thousandth of all.
 */
export async function orderStatistics(
  read: () => AsyncIterable<Strata>,
  strata: number,
  ranksOf: (count: number, stratum: number) => readonly number[],
): Promise<OrderStatistics> {
  const sketches = await sketchesOf(read, strata);
  const counts = sketches.map((sketch) => sketch.counts.reduce((sum, count) => sum + count, 0));
  const places = sketches.map((sketch, at) => ranksOf(counts[at]!, at).map((rank) => placeOf(sketch, rank)));
  const open = sketches.map((sketch, at) =>
    isExact(sketch)
      ? null
      : { bits: sketch.bits, held: new Map(places[at]!.map(({ bucket }) => [bucket, []])) },
  );
  if (open.some((each) => each && each.held.size > 0)) await collect(read, open);
  const values = places.map((ofStratum, at) => {
    const held = open[at]?.held;
    for (const numbers of held?.values() ?? []) numbers.sort((a, b) => a - b);
    return ofStratum.map(({ bucket, within }) => (held ? held.get(bucket)![within]! : bucket));
  });
  return { counts, values };
}

const isExact = ({ bits }: Sketch): boolean => bits === emptySketch.bits;

async function sketchesOf(read: () => AsyncIterable<Strata>, strata: number): Promise<Sketch[]> {
  const sketches = Array.from({ length: strata }, () => emptySketch);
  for await (const part of read()) {
    for (const [stratum, values] of dividedBy(part, strata).entries()) {
      if (values.length > 0) sketches[stratum] = mergeSketches(sketches[stratum]!, sketchOf(values));
    }
  }
  return sketches;
}

/** The values of each stratum, as parts of one array. */
function dividedBy({ strata, values }: Strata, count: number): readonly Float64Array[] {
  const ends = new Int32Array(count);
  for (let row = 0; row < strata.length; row++) ends[strata[row]!]!++;
  for (let stratum = 1; stratum < count; stratum++) ends[stratum]! += ends[stratum - 1]!;
  const starts = Int32Array.from(ends, (_, stratum) => (stratum === 0 ? 0 : ends[stratum - 1]!));
  const next = starts.slice();
  const sorted = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) sorted[next[strata[row]!]!++] = values[row]!;
  return Array.from(ends, (end, stratum) => sorted.subarray(starts[stratum]!, end));
}

interface RankPlace {
  readonly bucket: number;
  /** The rank among the bucket's own numbers. */
  readonly within: number;
}

function placeOf({ values, counts }: Sketch, rank: number): RankPlace {
  let before = 0;
  let at = 0;
  while (before + counts[at]! <= rank) before += counts[at++]!;
  return { bucket: values[at]!, within: rank - before };
}

interface Open {
  readonly bits: number;
  readonly held: ReadonlyMap<number, number[]>;
}

async function collect(read: () => AsyncIterable<Strata>, open: readonly (Open | null)[]): Promise<void> {
  for await (const { strata, values } of read()) {
    for (let row = 0; row < values.length; row++) {
      const wanted = open[strata[row]!];
      if (wanted) wanted.held.get(bucketOf(values[row]!, wanted.bits))?.push(values[row]!);
    }
  }
}
