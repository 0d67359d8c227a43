import type { ModelValues } from '../onnx/model.ts';
import type { Column } from '../tables/batch.ts';

/**
 * What is compared of a model's answers: each output of one float a row; where there is none, as of several classes, the
 * outputs of one word or whole number a row, as words.
 */
export function scoreColumns(
  outputs: Readonly<Record<string, ModelValues>>,
  rows: number,
): (readonly [name: string, column: Column])[] {
  const single = Object.entries(outputs).filter(([, values]) => values.length === rows);
  const floats = single.flatMap(([name, values]): (readonly [string, Column])[] =>
    values instanceof Float32Array || values instanceof Float64Array
      ? [[name, { type: 'float', values, valid: null }]]
      : [],
  );
  return floats.length > 0 ? floats : single.map(([name, values]) => [name, wordsOf(values)] as const);
}

function wordsOf(values: ModelValues): Column {
  const codes = new Map<string | number | bigint, number>();
  const dictionary: string[] = [];
  const places = new Int32Array(values.length);
  for (let row = 0; row < places.length; row++) {
    const value = values[row]!;
    let code = codes.get(value);
    if (code === undefined) {
      code = dictionary.push(String(value)) - 1;
      codes.set(value, code);
    }
    places[row] = code;
  }
  return { type: 'string', codes: places, dictionary, valid: null };
}
