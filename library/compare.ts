import { basename } from 'node:path';
import type { Scalar } from '../core/contracts/names.ts';
import type { Dimension } from '../core/contracts/space.ts';
import type { Study } from '../core/contracts/study.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import { partsOf } from '../core/tracking/datasets.ts';
import type { Engine } from './engine.ts';
import { listOf, type StudyEntry } from './list.ts';
import { readStudyWhole } from './read-study.ts';

/** Studies side by side; in every list one value for each of `studies`, in their order. */
export interface CompareDocument {
  readonly command: 'compare';
  readonly studies: readonly StudyEntry[];
  /** Whether their values can be compared: the same metric, on the same dataset. */
  readonly comparable: boolean;
  /** What differs in how they were asked for: `sampler`, `scheduler`, `dataset` … as JSON has it. */
  readonly design: readonly { readonly key: string; readonly values: readonly unknown[] }[];
  /** The axes that differ; null: it has none of that name. */
  readonly space: readonly { readonly parameter: string; readonly axes: readonly (Dimension | null)[] }[];
  /** The best trials' parameters; null: it has none of that name. */
  readonly best: readonly {
    readonly parameter: string;
    readonly values: readonly (Scalar | null)[];
    readonly differs: boolean;
  }[];
}

/** By ids, folders or names (the newest of each); a name alone stands for all of its studies. `MissingInput` says which there are. */
export async function compare(engine: Engine, given: readonly string[]): Promise<CompareDocument> {
  const { studies: known } = await listOf(engine, '');
  const studies = given.length === 1 ? named(known, given[0]!) : given.map((one) => named(known, one)[0]!);
  if (studies.length < 2) {
    throw new FanfareError(
      'MissingInput',
      `${given[0]} is one study, and two are needed to compare (there are: ${known.map(({ study }) => study).join(', ')})`,
    );
  }
  const read = await Promise.all(studies.map(({ study }) => readStudyWhole(engine.store, study)));
  const designs = read.map((one) => one!.study);
  return {
    ...{ command: 'compare', studies },
    comparable: [studies.map(({ metric }) => metric), studies.map(({ dataset }) => dataset)].every(isSame),
    design: designKeys.flatMap((key) => {
      const values = designs.map((design) => design[key] ?? null);
      return isSame(values) ? [] : [{ key, values }];
    }),
    space: namesIn(designs.map(({ space }) => space)).flatMap((parameter) => {
      const axes = designs.map(({ space }) => space[parameter] ?? null);
      return isSame(axes) ? [] : [{ parameter, axes }];
    }),
    best: namesIn(studies.map(({ best }) => best?.params ?? {})).map((parameter) => {
      const values = studies.map(({ best }) => best?.params[parameter] ?? null);
      return { parameter, values, differs: !isSame(values) };
    }),
  };
}

const designKeys = [
  ...([
    'dataset',
    'trainable',
    'metric',
    'direction',
    'target',
    'task',
    'inputs',
    'weight',
    'sample',
  ] as const),
  ...(['trials', 'seed', 'sampler', 'scheduler', 'folds', 'refit', 'also', 'points', 'warm_start'] as const),
] satisfies readonly (keyof Study)[];

/** The newest first. */
function named(known: readonly StudyEntry[], given: string): readonly StudyEntry[] {
  const wanted = basename(given);
  const own = known.filter(({ study }) => study === wanted);
  const found = own.length > 0 ? own : known.filter(({ study }) => partsOf(study)[0] === wanted);
  if (found.length > 0) return found;
  throw new FanfareError(
    'MissingInput',
    unknownName(
      'there is no study',
      given,
      known.map(({ study }) => study),
    ),
  );
}

const isSame = (values: readonly unknown[]): boolean =>
  new Set(values.map((value) => JSON.stringify(value))).size === 1;

const namesIn = (objects: readonly Readonly<Record<string, unknown>>[]): string[] => [
  ...new Set(objects.flatMap((object) => Object.keys(object))),
];
