import { distinctOf } from '../tables/categories.ts';
import { type ColumnProfile, mean, type Profile, quantile, variance } from '../tables/profile.ts';

/** What MLflow shows of a data set's values: JSON, with `num_rows` and `num_elements` as MLflow's own clients have them. */
export function profileText(rows: number, profile: Profile | undefined): string {
  const counts = { num_rows: rows, ...(profile && { num_elements: rows * profile.columns.length }) };
  if (profile === undefined) return JSON.stringify(counts);
  const columns: Record<string, unknown> = {};
  let room = longest;
  for (const column of profile.columns) {
    const told = columnText(column);
    room -= JSON.stringify(told).length + column.name.length + 8;
    if (room < 0) break;
    columns[column.name] = told;
  }
  const left = profile.columns.length - Object.keys(columns).length;
  return JSON.stringify({ ...counts, columns, ...(left > 0 && { columns_left_out: left }) });
}

/** MLflow takes 16 MB; proxies in front of it often take 1 MB of a call. */
const longest = 200_000;
const mostFrequent = 5;

function columnText(column: ColumnProfile): Readonly<Record<string, unknown>> {
  if (column.kind === 'categories') {
    const { missing, categories } = column;
    const top = categories.counts.slice(0, mostFrequent).map(([word, count]) => [word.slice(0, 100), count]);
    return { missing, distinct: distinctOf(categories), top: Object.fromEntries(top) };
  }
  const { missing, infinite, min, max } = column;
  const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);
  const quartiles = [0.25, 0.5, 0.75].map((q) => rounded(quantile(column, q)));
  return {
    missing,
    ...(infinite > 0 && { infinite }),
    mean: rounded(mean(column)),
    std: rounded(Math.sqrt(variance(column))),
    min,
    quartiles,
    max,
  };
}
