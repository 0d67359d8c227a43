import {
  type ColumnBins,
  type ColumnDrift,
  type DriftRecord,
  type DriftSummary,
  driftLevels,
  type ModelProfile,
  type ShardDrift,
} from '../contracts/drift.ts';
import { binsOf } from './bins.ts';
import { expectedOf, labelsOf } from './count-bins.ts';
import { levelOf, noiseOf, psiOf, sum } from './psi.ts';

const mostWorst = 50;

/** What the rows of a job are beside those that its model was trained on. */
export function compare(
  job: Pick<DriftRecord, 'prediction' | 'model'>,
  drift: ShardDrift,
  trained: ModelProfile | undefined,
): DriftRecord {
  const own = drift.profile === null ? [] : binsOf(drift.profile);
  const counts = drift.rows > 0 ? (drift.counts ?? []) : [];
  const compared = (bins: readonly ColumnBins[], from: number) =>
    bins.flatMap((each, at) => {
      const actual = counts[from + at] ?? [];
      return sum(actual) > 0 ? [compareColumn(each, actual)] : [];
    });
  return {
    ...job,
    rows: drift.rows,
    trained: trained ? { dataset: trained.dataset, profile: trained.profile } : null,
    columns: compared(trained?.columns ?? [], 0),
    scores: compared(trained?.scores ?? [], trained?.columns.length ?? 0),
    own: {
      rows: drift.profile?.rows ?? 0,
      columns: own.slice(0, drift.inputs),
      scores: own.slice(drift.inputs),
    },
  };
}

function compareColumn(bins: ColumnBins, actual: readonly number[]): ColumnDrift {
  const expected = expectedOf(bins);
  const psi = psiOf(expected, actual);
  const noise = noiseOf(expected, actual);
  const [all, rows] = [sum(expected), sum(actual)];
  const unseen = bins.kind === 'numbers' ? actual[2]! + actual[3]! : bins.rest === null ? null : actual[1]!;
  const labels = labelsOf(bins);
  return {
    name: bins.name,
    psi,
    level: levelOf(psi, noise),
    noise,
    missing: { expected: bins.missing / all, actual: actual[0]! / rows },
    unseen: unseen === null ? null : unseen / rows,
    bins: labels.map((bin, at) => ({ bin, expected: expected[at]!, actual: actual[at]! })),
  };
}

type Compared = Extract<DriftSummary, { kind: 'compared' }>;

/** What the manifest says of it; the reason where there is nothing to be said. */
export function summarise(
  { rows, trained, columns, scores }: DriftRecord,
  file: Compared['file'],
): DriftSummary {
  if (trained === null) return { kind: 'unknown', reason: 'the model has no training profile', file };
  if (rows === 0) return { kind: 'unknown', reason: 'no row was predicted', file };
  const all = [...columns, ...scores].map(({ level }) => driftLevels.indexOf(level));
  const judged = ({ name, psi, level }: ColumnDrift) => ({ name, psi, level });
  const count = (wanted: ColumnDrift['level']) => columns.filter(({ level }) => level === wanted).length;
  return {
    kind: 'compared',
    level: driftLevels[Math.max(0, ...all)]!,
    columns: columns.length,
    moderate: count('moderate'),
    major: count('major'),
    worst: columns
      .toSorted((a, b) => b.psi - a.psi || (a.name < b.name ? -1 : 1))
      .slice(0, mostWorst)
      .map(judged),
    scores: scores.map(judged),
    rows,
    file,
  };
}
