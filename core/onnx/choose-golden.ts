import type { ModelCard } from '../contracts/study.ts';
import { decodeJson, encodeJson } from '../store.ts';
import type { Batch, Column, Field } from '../tables/batch.ts';
import { recordsOf } from '../tables/records.ts';
import { sliceRows } from '../tables/slice.ts';
import { bindInputs } from './bind.ts';
import { unfitRows } from './fit.ts';
import { answerOf, batchOfRecords, type Records } from './golden.ts';
import type { Model } from './model.ts';

const first = 5;
const mostChosen = 48;
/** Of a larger side, its beginning is looked through. */
const mostRead = 65_536;
const neverSeen = '(never seen)';

/**
 * Rows that a model is tried on: the first ones; those with the least, the greatest and no value of each column, as long as
 * there are not too many; and two that nobody has, of texts that were never seen and of nothing but missing values. With
 * what the model answers. Rows that it does not take, as those of missing values, and answers that are no number are left out.
 */
export async function chooseGolden(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  model: Pick<Model, 'inputs' | 'outputs' | 'run'>,
): Promise<Pick<ModelCard, 'fields' | 'example' | 'expected'>> {
  const rows: Place[] = [];
  const ends = new Map<string, Place & { readonly value: number }>();
  let fields: readonly Field[] = [];
  let read = 0;
  for await (const batch of batches) {
    fields = batch.fields;
    for (let row = 0; row < batch.rows && rows.length < first; row++) rows.push({ batch, row });
    for (const [at, { name }] of fields.entries()) noteEnds(ends, name, batch, batch.columns[at]!);
    read += batch.rows;
    if (read >= mostRead) break;
  }
  const chosen = [...rows, ...ends.values()].flatMap(({ batch, row }) =>
    recordsOf(sliceRows(batch, row, row + 1)),
  );
  const distinct = [...new Map(chosen.map((record) => [JSON.stringify(record), record])).values()];
  const invented = distinct.slice(0, 1).flatMap((record) => [unseen(record, fields), missing(record)]);
  // As they will be read again: JSON has no infinity, and no integer beyond 2^53.
  const records = decodeJson(encodeJson([...distinct.slice(0, mostChosen), ...invented])) as Records;
  const example = fitting(records, fields, model);
  if (example.length === 0) return { fields, example, expected: [] };
  const names = model.outputs.map(({ name }) => name);
  const outputs = Object.entries(await model.run(batchOfRecords(fields, example), names));
  const answers = example.map((_, row) =>
    Object.fromEntries(outputs.map(([name, values]) => [name, answerOf(values, row, example.length)])),
  );
  const isNumbers = (_: unknown, row: number) =>
    Object.values(answers[row]!)
      .flat()
      .every((value) => typeof value !== 'number' || Number.isFinite(value));
  return { fields, example: example.filter(isNumbers), expected: answers.filter(isNumbers) };
}

interface Place {
  readonly batch: Batch;
  readonly row: number;
}

function noteEnds(
  ends: Map<string, Place & { readonly value: number }>,
  name: string,
  batch: Batch,
  column: Column,
): void {
  const note = (end: 'least' | 'greatest' | 'missing', row: number, value: number) => {
    const before = ends.get(`${name} ${end}`);
    const further =
      before === undefined ||
      (end === 'least' && value < before.value) ||
      (end === 'greatest' && value > before.value);
    if (further) ends.set(`${name} ${end}`, { batch, row, value });
  };
  for (let row = 0; row < batch.rows; row++) {
    const value = column.type === 'string' ? 0 : Number(column.values[row]);
    if (column.valid?.[row] === 0 || Number.isNaN(value)) {
      note('missing', row, 0);
    } else if (column.type !== 'string' && Number.isFinite(value)) {
      note('least', row, value);
      note('greatest', row, value);
    }
  }
}

const unseen = (record: Records[number], fields: readonly Field[]): Records[number] =>
  Object.fromEntries(
    fields.map(({ name, type }) => [name, type === 'string' ? neverSeen : (record[name] ?? null)]),
  );

const missing = (record: Records[number]): Records[number] =>
  Object.fromEntries(Object.keys(record).map((name) => [name, null]));

function fitting(records: Records, fields: readonly Field[], { inputs }: Pick<Model, 'inputs'>): Records {
  if (records.length === 0) return records;
  const batch = batchOfRecords(fields, records);
  const unfit = new Set(unfitRows(bindInputs(inputs, fields), batch).map(({ row }) => row));
  return records.filter((_, row) => !unfit.has(row));
}
