// node bench/make-flights.mjs FILE [--rows N]: the flights table of examples/flights again and again, each time a year
// (364 days, so that weekdays stay) later, as Parquet or, where FILE ends in .csv, as CSV. One copy's columns are in
// memory, whatever N.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';

const table = fileURLToPath(
  new URL('../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url),
);
const yearMs = 364 * 86_400_000;
const chunkRows = 65_536;

const {
  positionals: [file],
  values: { rows: wanted = '30000000' },
} = parseArgs({ allowPositionals: true, options: { rows: { type: 'string' } } });
const rows = Number(wanted);
if (file === undefined || !Number.isSafeInteger(rows) || rows < 1) {
  throw new Error(
    'usage: node bench/make-flights.mjs FILE.parquet|FILE.csv [--rows N], N a whole number above 0',
  );
}
await (file.endsWith('.csv') ? writeCsv(file) : writeParquet(file));

/** @param {string} path */
async function writeParquet(path) {
  const optional = /** @type {const} */ ({ repetition_type: 'OPTIONAL' });
  const text = /** @type {const} */ ({ type: 'BYTE_ARRAY', converted_type: 'UTF8' });
  const time = /** @type {const} */ ({ type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' });
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: [
      { name: 'root', num_children: 5 },
      { name: 'date', type: 'INT64', logical_type: time, ...optional },
      { name: 'delay', type: 'INT64', ...optional },
      { name: 'distance', type: 'INT64', ...optional },
      { name: 'origin', ...text, ...optional },
      { name: 'destination', ...text, ...optional },
    ],
  });
  for await (const flights of copies()) {
    const columnData = ['date', 'delay', 'distance', 'origin', 'destination'].map((name) => ({
      name,
      data: flights.map((flight) => flight[name]),
    }));
    await writer.write({ columnData, rowGroupSize: flights.length });
  }
  await writer.finish();
}

/** @param {string} path */
async function writeCsv(path) {
  const out = createWriteStream(path);
  out.write('date,delay,distance,origin,destination\n');
  for await (const flights of copies()) {
    for (let at = 0; at < flights.length; at += chunkRows) {
      const lines = flights
        .slice(at, at + chunkRows)
        .map((flight) =>
          [
            flight.date?.toISOString(),
            flight.delay,
            flight.distance,
            flight.origin,
            flight.destination,
          ].join(),
        );
      if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
    }
  }
  out.end();
  await once(out, 'close');
}

/** A row group of the table at a time, until there are as many rows as were asked for. */
async function* copies() {
  const source = await asyncBufferFromFile(table);
  const metadata = await parquetMetadataAsync(source);
  for (let copy = 0, left = rows; left > 0; copy++) {
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = Math.min(rowStart + Number(group.num_rows), rowStart + left);
      if (rowEnd === rowStart) return;
      const flights = await parquetReadObjects({ file: source, metadata, compressors, rowStart, rowEnd });
      for (const flight of flights) flight.date = new Date(flight.date.getTime() + copy * yearMs);
      yield flights;
      left -= rowEnd - rowStart;
      rowStart += Number(group.num_rows);
    }
  }
}
