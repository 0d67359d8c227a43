import { FanfareError } from '../errors.ts';
import type { Batch, Column, Frame, FrameColumn } from '../tables/batch.ts';
import type { Written } from './choose-outputs.ts';
import type { ModelOutput, ModelValues } from './model.ts';

type Named = readonly [name: string, column: FrameColumn];

/**
 * The kept columns, then those of the outputs: `<column>`, or `<column>_<class or number>` of an output of several values a
 * row, with `predicted_` before it where a kept column has the name.
 */
export function withOutputs(
  kept: Batch,
  written: readonly Written[],
  values: Readonly<Record<string, ModelValues>>,
): Frame {
  const taken = new Set(kept.fields.map((field) => field.name));
  const added = written.flatMap((each) => columnsOf(each, values[each.output.name]!, kept.rows));
  const fields = added.map(([name, { type }]) => ({
    name: taken.has(name) ? `predicted_${name}` : name,
    type,
  }));
  return {
    rows: kept.rows,
    fields: [...kept.fields, ...fields],
    columns: [...kept.columns, ...added.map(([, column]) => column)],
  };
}

function columnsOf({ output, column, onlySecond }: Written, values: ModelValues, rows: number): Named[] {
  const width = values.length / rows;
  if ((output.shape?.length ?? 0) > 2) return [[column, tensorOf(output, values, width)]];
  if (width === 1) return [[column, columnOf(values)]];
  if (onlySecond && width === 2) return [[column, columnOf(everyNth(values, 1, 2))]];
  const labels = output.labels?.length === width ? output.labels : undefined;
  return Array.from({ length: width }, (_, place) => [
    `${column}_${labels?.[place] ?? place}`,
    columnOf(everyNth(values, place, width)),
  ]);
}

/** What a postprocess may look at. */
function tensorOf({ name, shape = [] }: ModelOutput, values: ModelValues, size: number): FrameColumn {
  const [, ...sides] = shape;
  const known = sides.reduce<number>(
    (product, side) => (typeof side === 'number' ? product * side : product),
    1,
  );
  const open = sides.filter((side) => typeof side === 'string').length;
  if (values instanceof Float32Array && open <= 1) {
    const whole = sides.map((side) => (typeof side === 'number' ? side : size / known));
    return { type: 'tensor', shape: whole, values, valid: null };
  }
  throw new FanfareError(
    'BadModel',
    `the model's output "${name}" [${shape.join(', ')}] is a tensor a row that no column holds: float32, and one open dimension beside the rows`,
  );
}

/** Every `width`-th value from `place`. */
export function everyNth<Values extends ModelValues>(values: Values, place: number, width: number): Values {
  const rows = values.length / width;
  if (width === 1) return values;
  if (Array.isArray(values)) return values.filter((_, at) => at % width === place) as Values;
  const part = values.slice(0, rows) as Exclude<ModelValues, string[]>;
  for (let row = 0; row < rows; row++) part[row] = (values as typeof part)[row * width + place]!;
  return part as Values;
}

function columnOf(values: ModelValues): Column {
  if (values instanceof Float32Array || values instanceof Float64Array)
    return { type: 'float', values, valid: null };
  if (values instanceof BigInt64Array || values instanceof Int32Array)
    return { type: 'integer', values, valid: null };
  if (values instanceof Uint8Array) return { type: 'boolean', values, valid: null };
  const dictionary = [...new Set(values)];
  const codes = new Map(dictionary.map((word, code) => [word, code]));
  return {
    type: 'string',
    codes: Int32Array.from(values, (word) => codes.get(word)!),
    dictionary,
    valid: null,
  };
}
