import type { Target } from '../contracts/spec.ts';
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

/** Of which output, and of which of its columns, the score of a row is: how probable it is that its target is 1. */
export interface Scored {
  readonly output: ModelOutput;
  /** The place among the columns where there are so many; undefined where they are more or less. */
  placeOf(width: number): number | undefined;
}

/** Undefined where the graph does not tell which output is the probability. */
export function scoredBy(outputs: readonly ModelOutput[], target: Target): Scored | undefined {
  const output = outputs.find(({ role }) => role === 'probability');
  return output && { output, placeOf: (width) => positive(output, target, width) };
}

const ones: readonly (readonly [string, string])[] = [
  ['0', '1'],
  ['-1', '1'],
  ['false', 'true'],
  ['False', 'True'],
];

function positive({ labels }: ModelOutput, target: Target, width: number): number | undefined {
  if (width === 1) return 0;
  const named = target.kind === 'equals' ? (labels?.indexOf(String(target.equals)) ?? -1) : -1;
  if (labels?.length === width && named >= 0) return named;
  if (width !== 2) return undefined;
  const isPlain = labels === undefined || ones.some(([no, yes]) => labels[0] === no && labels[1] === yes);
  return isPlain ? 1 : undefined;
}
