import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import { columnOf, type Frame, type FrameColumn } from '../tables/batch.ts';
import type { ElementType, ModelPort } from './model.ts';

/** What goes into one input of a model. */
export interface Feed {
  readonly input: string;
  readonly type: ElementType;
  /** `vector`: [N]; `matrix`: [N, columns]; `tensor`: a column of tensors, [N, …]. */
  readonly layout: 'vector' | 'matrix' | 'tensor';
  readonly columns: readonly string[];
  /** Of a row of a tensor: a number or a name a dimension. */
  readonly shape: readonly (number | string)[];
}

/** What says which columns a model's inputs take, beside their own names. */
export interface InputNames {
  /** `predict.inputs`. */
  readonly named?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The columns of the MLflow signature, in their order. */
  readonly signature?: readonly string[] | null | undefined;
  /** Columns that no model is given unasked: the target. They are left out of what is proposed. */
  readonly others?: readonly string[];
  /** True where no row has said yet what the columns hold: only their names are looked at. */
  readonly untyped?: boolean;
}

type Fields = Frame['fields'];

/**
 * Which columns go into which input: those that the specification names, or the column of the input's own name, or (for
 * the one input of a model) the columns of its signature. Every mistake at once: `InvalidSpec` where the specification
 * names what is not there, `MissingInput` where a column is missing or not named, `BadTable` for one of another type.
 */
export function bindInputs(
  inputs: readonly ModelPort[],
  fields: Fields,
  names: InputNames = {},
): readonly Feed[] {
  const wrong: FanfareError[] = unknownInputs(inputs, names);
  const feeds = inputs.flatMap((input) => {
    const bound = bind(input, inputs, fields, names);
    if (!(bound instanceof FanfareError)) wrong.push(...mistakesIn(bound, fields, names.untyped === true));
    else wrong.push(bound);
    return bound instanceof FanfareError ? [] : bound;
  });
  const [first] = wrong;
  if (first === undefined) return feeds;
  const same = wrong.filter(({ name }) => name === first.name);
  throw new FanfareError(first.name, [...new Set(same.map(({ message }) => message))].join('\n'));
}

/** The column of a batch that is fed. `BadTable` for tensors of another shape. */
export function feedColumn(batch: Frame, { layout, type, shape }: Feed, name: string): FrameColumn {
  const column = columnOf(batch, name)!;
  if (layout !== 'tensor') return column;
  const given = column.type === 'tensor' ? column.shape : [];
  if (
    given.length === shape.length &&
    shape.every((side, at) => typeof side === 'string' || side === given[at])
  )
    return column;
  throw new FanfareError(
    'BadTable',
    `column "${name}" holds ${column.type} values [${given.join(', ')}] a row, the model takes ${type} [${shape.join(', ')}]`,
  );
}

function unknownInputs(inputs: readonly ModelPort[], { named = {} }: InputNames): FanfareError[] {
  const known = inputs.map(({ name }) => name);
  return Object.keys(named)
    .filter((name) => !known.includes(name))
    .map(
      (name) =>
        new FanfareError('InvalidSpec', unknownName('predict.inputs: the model has no input', name, known)),
    );
}

function bind(
  input: ModelPort,
  inputs: readonly ModelPort[],
  fields: Fields,
  names: InputNames,
): Feed | FanfareError {
  const { name, type, shape = [''] } = input;
  const [, width, ...more] = shape;
  const own = fields.find((field) => field.name === name);
  const asked = names.named?.[name];
  const feed = (layout: Feed['layout'], columns: readonly string[]): Feed => ({
    ...{ input: name, type, layout, columns },
    shape: shape.slice(1),
  });
  if (more.length > 0 || (own?.type === 'tensor' && asked === undefined)) {
    const column = asked ?? name;
    return typeof column === 'string'
      ? feed('tensor', [column])
      : new FanfareError('InvalidSpec', `predict.inputs: ${shaped(input)} takes one column of tensors`);
  }
  const signed = inputs.length === 1 ? (names.signature ?? undefined) : undefined;
  if (width === undefined || width === 1 || (typeof width === 'string' && own && asked === undefined)) {
    const columns = listOf(asked) ?? (own || signed?.length !== 1 ? [name] : signed);
    if (columns.length === 1) return feed(width === undefined ? 'vector' : 'matrix', columns);
    return new FanfareError(
      'InvalidSpec',
      `predict.inputs: ${shaped(input)} takes one column, not ${columns.length}: ${columns.join(', ')}`,
    );
  }
  const columns = listOf(asked) ?? signed;
  if (columns === undefined) return unnamed(input, width, fields, names);
  if (typeof width === 'string' || width === columns.length) return feed('matrix', columns);
  const says = asked === undefined ? "the model's signature" : `predict.inputs.${name}`;
  return new FanfareError(
    'InvalidSpec',
    `${shaped(input)} takes ${width} columns, but ${says} names ${columns.length}: ${columns.join(', ')}`,
  );
}

const listOf = (given: string | readonly string[] | undefined): readonly string[] | undefined =>
  typeof given === 'string' ? [given] : given;

const shaped = ({ name, shape = [] }: ModelPort): string =>
  `the model's input ${name} [${shape.map((side, at) => (at === 0 ? 'rows' : side || '?')).join(', ')}]`;

/** Nothing is guessed: the order of a matrix's columns cannot be seen in what it gives. */
function unnamed(
  input: ModelPort,
  width: number | string,
  fields: Fields,
  { others = [] }: InputNames,
): FanfareError {
  const fitting = fields.filter((field) => !others.includes(field.name) && fits(field.type, input.type));
  const columns = fitting.map((field) => quoted(field.name));
  const count = typeof width === 'number' ? `${width} columns` : 'columns';
  const found =
    columns.length === width
      ? 'Those of the table that it can take are as many; if they are in the order that it was trained on'
      : `Of the table it can take ${columns.length}; name ${typeof width === 'number' ? `${width} of them` : 'those'} in the order that it was trained on`;
  return new FanfareError(
    'MissingInput',
    `${shaped(input)} takes ${count}, and neither its names nor a signature say which. ${found}, write:\npredict:\n  inputs:\n    ${quoted(input.name)}: [${columns.join(', ')}]`,
  );
}

/** As YAML takes it. */
const quoted = (name: string): string => (/^[A-Za-z_][\w.-]*$/.test(name) ? name : JSON.stringify(name));

function mistakesIn(
  { input, type, layout, columns }: Feed,
  fields: Fields,
  untyped: boolean,
): FanfareError[] {
  return columns.flatMap((name) => {
    const field = fields.find((each) => each.name === name);
    const what =
      columns.length > 1 ? `the model wants a column for its input ${input},` : 'the model wants a column';
    if (!field) {
      const known = fields.map((each) => each.name);
      return new FanfareError('MissingInput', unknownName(what, name, known));
    }
    if (untyped) return [];
    if (layout === 'tensor' ? field.type === 'tensor' && type === 'float32' : fits(field.type, type))
      return [];
    const why =
      layout === 'tensor'
        ? `a tensor a row of ${type}: predict.preprocess can make one of { type: 'tensor', shape, values }, of float32`
        : `${type}: they cannot be converted`;
    return new FanfareError(
      'BadTable',
      `column "${name}" holds ${field.type} values, the model takes ${why}`,
    );
  });
}

/** Whether values of a column's type may go into an input; `unfitRows` finds those that do not. */
const fits = (column: Fields[number]['type'], type: ElementType): boolean =>
  column !== 'tensor' &&
  (column === 'string') === (type === 'string') &&
  (type !== 'bool' || column === 'boolean');
