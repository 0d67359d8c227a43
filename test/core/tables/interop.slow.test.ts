import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Field } from '../../../core/tables/batch.ts';
import { tableFormats } from '../../../core/tables/format.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { batchOf } from '../../support/tables.ts';

const python = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url));

const fields: readonly Field[] = [
  { name: 'f', type: 'float' },
  { name: 'i', type: 'integer' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'timestamp' },
  { name: 's', type: 'string' },
];
const time = Date.UTC(2001, 0, 1, 0, 1);
const rows = [
  [0.1, 2n ** 62n, true, time, 'say "hi",\nthere'],
  [null, null, null, null, null],
  [-1e21, -5n, false, time + 1, 'Zürich'],
];

/** Reads each file with pandas, and with polars where that is installed; a table as JSON, integers as text. */
const program = `
import json, sys
import pandas as pd

def cell(value):
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, (bool,)) or type(value).__name__ == "bool_":
        return bool(value)
    if hasattr(value, "timestamp"):
        return round(value.timestamp() * 1000)
    return str(value) if isinstance(value, int) or type(value).__name__.startswith("int") else value

def by_pandas(path):
    if path.endswith(".parquet"):
        return pd.read_parquet(path, dtype_backend="numpy_nullable")
    if path.endswith(".arrow"):
        return pd.read_feather(path, dtype_backend="numpy_nullable")
    if path.endswith(".csv"):
        frame = pd.read_csv(path, dtype={"i": "Int64", "b": "boolean"})
    else:
        frame = pd.read_json(path, lines=True, dtype={"i": "Int64", "b": "boolean"}, precise_float=True)
    frame["t"] = pd.to_datetime(frame["t"], format="ISO8601")
    return frame

def by_polars(path):
    import polars as pl
    if path.endswith(".parquet"):
        return pl.read_parquet(path)
    if path.endswith(".arrow"):
        return pl.read_ipc(path)
    if path.endswith(".csv"):
        return pl.read_csv(path, try_parse_dates=True)
    return pl.read_ndjson(path).with_columns(pl.col("t").str.to_datetime(time_unit="ms", time_zone="UTC"))

result = {}
for path in sys.argv[1:]:
    frame = by_pandas(path)
    result["pandas " + path] = [[cell(value) for value in row] for row in frame.astype(object).itertuples(index=False)]
    try:
        import polars
    except ImportError:
        continue
    result["polars " + path] = [[cell(value) for value in row] for row in by_polars(path).iter_rows()]
print(json.dumps(result))
`;

describe('what we write', () => {
  let read: Record<string, unknown[][]> = {};

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fanfare-interop-'));
    const batches = [batchOf(fields, rows), batchOf(fields, rows.slice(0, 2))];
    const paths = tableFormats.map((format) => join(folder, `table.${format}`));
    for (const [i, format] of tableFormats.entries())
      await writeFile(paths[i]!, encodeTable(format, batches));
    const { stdout } = await promisify(execFile)(python, ['-c', program, ...paths]);
    read = Object.fromEntries(
      Object.entries(JSON.parse(stdout)).map(([key, value]) => [key.replace(`${folder}/`, ''), value]),
    ) as typeof read;
  });

  for (const format of tableFormats) {
    test(`as ${format} is what pandas reads, and polars where it is installed`, () => {
      const expected = [...rows, ...rows.slice(0, 2)].map((row) =>
        row.map((value) => (typeof value === 'bigint' ? String(value) : value)),
      );
      const readers = Object.keys(read).filter((key) => key.endsWith(`.${format}`));
      expect(readers).toContain(`pandas table.${format}`);
      for (const reader of readers) expect([reader, read[reader]]).toEqual([reader, expected]);
    });
  }
});
