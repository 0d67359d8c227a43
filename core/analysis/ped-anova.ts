import type { ParameterImportance } from '../contracts/report.ts';
import type { Dimension } from '../contracts/space.ts';
import { normalCdf } from '../search/normal.ts';
import { type Params, type Space, unitOf, valueCount } from '../search/space.ts';

/** A trial as an analysis sees it: what is to be made small of it is smaller where it is better. */
export interface Ranked {
  readonly params: Params;
  readonly loss: number;
}

/**
 * How much each parameter matters to be among the best tenth of the trials, the most important first: the Pearson divergence
 * of where the best lie on its axis from where all do.
 *
 * S. Watanabe, A. Bansal, F. Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces",
 * IJCAI 2023 (https://arxiv.org/abs/2304.10255); parameters that are not always there as in "Conditional PED-ANOVA"
 * (https://arxiv.org/abs/2601.20800). Grid, kernels and prior are those of Optuna's PedAnovaImportanceEvaluator, so that
 * both say the same of the same trials.
 */
export function pedAnova(space: Space, trials: readonly Ranked[]): readonly ParameterImportance[] {
  const best = bestOf(trials);
  const raw = Object.entries(space).map(([parameter, dimension]) => ({
    parameter,
    importance: trials.length < 2 ? 0 : importanceOf(parameter, dimension, best, trials),
  }));
  const total = raw.reduce((sum, { importance }) => sum + importance, 0);
  return raw
    .map(({ parameter, importance }) => ({ parameter, share: total > 0 ? importance / total : 0 }))
    .toSorted((a, b) => b.share - a.share || (a.parameter < b.parameter ? -1 : 1));
}

/** So large a part of the trials is the best; who ties with the last of it belongs to it. */
const bestPart = 0.1;

function bestOf(trials: readonly Ranked[]): readonly Ranked[] {
  const losses = trials.map(({ loss }) => loss).toSorted((a, b) => a - b);
  const worst = losses[Math.ceil(bestPart * losses.length) - 1];
  return worst === undefined ? [] : trials.filter(({ loss }) => loss <= worst);
}

/** Of fewer trials that have the parameter nothing is said. */
const fewest = 2;

function importanceOf(
  parameter: string,
  dimension: Dimension,
  best: readonly Ranked[],
  all: readonly Ranked[],
): number {
  const having = (trials: readonly Ranked[]) =>
    trials.filter(({ params }) => params[parameter] !== undefined);
  const [bestHaving, allHaving] = [having(best), having(all)];
  if (valueCount(dimension) < 2 || allHaving.length < fewest || bestHaving.length === 0) return 0;
  const grid = gridOf(dimension);
  const densityOf = (trials: readonly Ranked[]) =>
    density(
      grid,
      trials.map(({ params }) => grid.cellOf(params[parameter]!)),
    );
  const there = densityOf(allHaving);
  const divergence = densityOf(bestHaving).reduce(
    (sum, top, cell) => sum + there[cell]! * (top / there[cell]! - 1) ** 2,
    0,
  );
  const shares = { best: bestHaving.length / best.length, all: allHaving.length / all.length };
  return (shares.best ** 2 / shares.all) * divergence;
}

/** An axis in cells. `ordered`: neighbours are alike. */
interface Grid {
  readonly cells: number;
  readonly ordered: boolean;
  cellOf(value: Params[string]): number;
}

const mostCells = 50;

function gridOf(dimension: Dimension): Grid {
  if (dimension.kind === 'choice') {
    const { options, ordered = false } = dimension;
    return {
      cells: options.length,
      ordered,
      cellOf: (value) => Math.floor(unitOf(dimension, value) * options.length),
    };
  }
  const { kind, log, low, high } = dimension;
  const steps =
    kind === 'int' && log ? Math.ceil(Math.log2(high - low + 1)) + 1 : Math.round(valueCount(dimension));
  const cells = Math.min(mostCells, steps);
  const scale = log ? Math.log : (value: number) => value;
  const last = dimension.step === undefined ? high : low + (valueCount(dimension) - 1) * dimension.step;
  const width = (scale(last) - scale(low)) / (cells - 1);
  return {
    cells,
    ordered: true,
    // In the middle between two cells the lower one is taken.
    cellOf: (value) =>
      Math.min(cells - 1, Math.max(0, Math.ceil((scale(Number(value)) - scale(low)) / width - 0.5))),
  };
}

/** The mass of each cell by kernels at those of the trials and one that is flat; none is 0. */
function density(grid: Grid, cells: readonly number[]): readonly number[] {
  const counts = new Float64Array(grid.cells);
  for (const cell of cells) counts[cell]! += 1;
  const kernels = [...counts.entries()].filter(([, count]) => count > 0);
  const masses = grid.ordered ? normalKernels(grid.cells, kernels) : wordKernels(grid.cells, kernels);
  return Array.from(
    { length: grid.cells },
    (_, cell) =>
      masses.reduce((sum, { weight, at }) => sum + weight * at(cell), 0) / (cells.length + 1) + 1e-12,
  );
}

interface Kernel {
  readonly weight: number;
  readonly at: (cell: number) => number;
}

/** By Aitchison and Aitken, as Optuna weighs them. */
function wordKernels(cells: number, kernels: readonly (readonly [number, number])[]): readonly Kernel[] {
  const spread = 1 / (kernels.length + 1);
  const total = 1 + cells * spread;
  return [
    ...kernels.map(([own, weight]) => ({
      weight,
      at: (cell: number) => (spread + Number(cell === own)) / total,
    })),
    { weight: 1, at: () => 1 / cells },
  ];
}

/** Normal distributions cut off at the ends, as wide as Scott's rule says (Multivariate Density Estimation, 1992). */
function normalKernels(cells: number, kernels: readonly (readonly [number, number])[]): readonly Kernel[] {
  const deviation = scott(kernels);
  return [
    ...kernels.map(([mean, weight]) => ({ weight, at: normalCells(cells, mean, deviation) })),
    { weight: 1, at: normalCells(cells, (cells - 1) / 2, cells) },
  ];
}

function normalCells(cells: number, mean: number, deviation: number): (cell: number) => number {
  const below = (edge: number) => normalCdf((edge - mean) / deviation);
  const whole = below(cells - 0.5) - below(-0.5);
  return (cell) => (below(cell + 0.5) - below(cell - 0.5)) / whole;
}

/** Nine tenths of a kernel lie within its cell at least. */
const leastDeviation = 0.5 / 1.64;

function scott(kernels: readonly (readonly [number, number])[]): number {
  let total = 0;
  const upTo = kernels.map(([, weight]) => {
    total += weight;
    return total;
  });
  const mean = kernels.reduce((sum, [cell, weight]) => sum + cell * weight, 0) / total;
  const square = kernels.reduce((sum, [cell, weight]) => sum + weight * (cell - mean) ** 2, 0);
  const quartiles = [
    upTo.findIndex((sum) => sum >= Math.floor(total / 4)),
    upTo.findIndex((sum) => sum > Math.floor((total * 3) / 4)),
  ].map((at) => kernels.at(at)![0]);
  const narrow = Math.min((quartiles[1]! - quartiles[0]!) / 1.34, Math.sqrt(square / Math.max(1, total - 1)));
  return Math.max(leastDeviation, 1.059 * narrow * total ** -0.2);
}
