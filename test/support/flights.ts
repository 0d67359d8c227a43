import { writeFile } from 'node:fs/promises';
import { openFiles } from '../../adapters/files/open-files.ts';
import { nodeDecompressors } from '../../adapters/node/decompressors.ts';
import { gunzip } from '../../adapters/node/gunzip.ts';
import { planTable } from '../../core/steps/plan-table.ts';
import type { Batch } from '../../core/tables/batch.ts';
import { formatOf } from '../../core/tables/format.ts';
import { readShard } from '../../core/tables/read.ts';
import { sliceRows } from '../../core/tables/slice.ts';
import { encodeTable } from '../../core/tables/write.ts';

const table = { path: 'node_modules/vega-datasets/data/flights-3m.parquet', columns: {} };

/** Writes the first rows of the flights table: date, delay, distance, origin and destination. The name's ending tells the format. */
export async function writeFlights(file: string, rows: number): Promise<void> {
  await writeFile(file, encodeTable(formatOf(file), await firstFlights(rows)));
}

async function firstFlights(rows: number): Promise<readonly Batch[]> {
  const sources = await openFiles(table.path);
  const { schema, shards } = await planTable(table, sources, { gunzip });
  const batches: Batch[] = [];
  let missing = rows;
  for (const shard of shards) {
    for await (const { batch } of readShard(sources[0]!, shard, schema, {
      decompressors: nodeDecompressors,
    })) {
      batches.push(sliceRows(batch, 0, Math.min(missing, batch.rows)));
      missing -= batches.at(-1)!.rows;
      if (missing === 0) return batches;
    }
  }
  throw new Error(`the flights table has fewer than ${rows} rows`);
}

/** A pipeline over a table of flights, small enough to run in seconds; `changes` replaces whole top-level keys. */
export function flightsSpec(table: string, changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    name: 'flights',
    table,
    target: { column: 'delay', above: 15 },
    tune: {
      trials: 6,
      lanes: 2,
      scheduler: { kind: 'asha', min: 5, max: 30, eta: 3 },
      space: {
        learning_rate: { low: 0.05, high: 0.4, log: true },
        leaves: { low: 7, high: 63, log: true, integer: true },
      },
    },
    model: { name: 'flight-delay' },
    ...changes,
  });
}
