import type { Scalar } from '../contracts/names.ts';
import type { Target } from '../contracts/spec.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { ModelOutput } from './model.ts';

/** What `predict.outputs` asks for: all, one, several, or each under the name of a column. */
export type AskedOutputs = string | readonly string[] | Readonly<Record<string, string>> | undefined;

/** What is written of one output. */
export interface Written {
  readonly output: ModelOutput;
  /** The column; several have the class, or their number, behind it. */
  readonly column: string;
  /** Of two classes' shares the second one's alone. */
  readonly onlySecond: boolean;
}

const words = ['probability', 'class', 'raw'] as const;

/**
 * The outputs that are asked for: by their own names, or by what they say. `raw`, and nothing, are all of them, as they
 * are. Every mistake at once, as `InvalidSpec`.
 */
export function chooseOutputs(outputs: readonly ModelOutput[], asked: AskedOutputs): readonly Written[] {
  const wanted: readonly (readonly [string, string | undefined])[] =
    typeof asked === 'object' && !Array.isArray(asked)
      ? Object.entries(asked)
      : [asked ?? 'raw'].flat().map((name) => [name, undefined] as const);
  const wrong: string[] = [];
  const chosen = wanted.flatMap(([name, column]): Written[] => {
    if (name === 'raw' && column === undefined) return outputs.map((output) => as(output, output.name));
    const role = name === 'probability' || name === 'class' ? name : undefined;
    const said = role && outputs.find((output) => output.role === role);
    if (said) return [as(said, column ?? name, role === 'probability')];
    const own = outputs.find((output) => output.name === name);
    if (own) return [as(own, column ?? name)];
    wrong.push(mistake(name, role, outputs));
    return [];
  });
  if (wrong.length > 0) throw new FanfareError('InvalidSpec', wrong.join('\n'));
  return chosen;
}

const as = (output: ModelOutput, column: string, onlySecond = false): Written => ({
  output,
  column,
  onlySecond,
});

function mistake(name: string, role: string | undefined, outputs: readonly ModelOutput[]): string {
  const names = outputs.map((output) => output.name);
  if (role === undefined)
    return unknownName('predict.outputs: the model has no output', name, [...names, ...words]);
  return `predict.outputs: the graph does not tell which output is the ${name}; name it (there are: ${names.join(', ')}), for instance { ${names[0] ?? 'output'}: ${name} }`;
}

/** Where a model tells what rows are scored by. */
export interface Scored {
  readonly output: ModelOutput;
  /**
   * The columns that hold it, of an output of so many: how probable it is that the target is the second class or, of more
   * classes, each of them; the quantity. Undefined where they cannot be told.
   */
  placesOf(width: number): readonly number[] | undefined;
}

/** Undefined where the graph does not tell which output it is. */
export function scoredBy(outputs: readonly ModelOutput[], target: Target, task: Task): Scored | undefined {
  if (task.kind === 'regression') {
    const floats = outputs.filter(({ type }) => type === 'float32' || type === 'float64');
    const output =
      floats.find(({ name }) => name === 'prediction') ?? (floats.length === 1 ? floats[0] : undefined);
    return output && { output, placesOf: (width) => (width === 1 ? [0] : undefined) };
  }
  const output = outputs.find(({ role }) => role === 'probability');
  if (output === undefined) return undefined;
  if (task.kind === 'multiclass')
    return { output, placesOf: (width) => placesOf(output, task.classes, width) };
  return {
    output,
    placesOf: (width) => {
      const place = positive(output, target, task.classes, width);
      return place === undefined ? undefined : [place];
    },
  };
}

/** Columns that nobody names are in the order of the classes. */
function placesOf(
  { labels }: ModelOutput,
  classes: readonly Scalar[],
  width: number,
): readonly number[] | undefined {
  if (width !== classes.length) return undefined;
  if (labels === undefined) return classes.map((_, place) => place);
  const places = classes.map((each) => labels.indexOf(String(each)));
  return places.includes(-1) ? undefined : places;
}

const ones: readonly (readonly [string, string])[] = [
  ['0', '1'],
  ['-1', '1'],
  ['false', 'true'],
  ['False', 'True'],
];

function positive(
  { labels }: ModelOutput,
  target: Target,
  [, second]: readonly Scalar[],
  width: number,
): number | undefined {
  if (width === 1) return 0;
  const wanted = target.kind === 'equals' ? target.equals : target.kind === 'column' ? second : undefined;
  const named = labels?.indexOf(String(wanted)) ?? -1;
  if (labels?.length === width && named >= 0) return named;
  if (width !== 2) return undefined;
  const isPlain = labels === undefined || ones.some(([no, yes]) => labels[0] === no && labels[1] === yes);
  return isPlain ? 1 : undefined;
}
