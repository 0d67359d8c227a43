// node dist/bench/read-table.mjs TABLE [COLUMN ...]: reads every shard of a table, as a worker does, and prints its rows,
// its bytes and the CPU seconds of reading alone (opening and planning left out) as one line of JSON.
import { openFiles } from '../../adapters/files/open-files.ts';
import { nodeDecompressors } from '../../adapters/node/decompressors.ts';
import { gunzip } from '../../adapters/node/gunzip.ts';
import { planTable } from '../../core/steps/plan-table.ts';
import { readShard } from '../../core/tables/read.ts';

const [uri = '', ...columns] = process.argv.slice(2);
const sources = await openFiles(uri);
const { schema, shards } = await planTable({ path: uri, columns: {} }, sources, { gunzip });
// A prediction lets go of all columns but those that it keeps.
const lent = new Set(schema.fields.map(({ name }) => name).filter((name) => name !== 'id'));
const options = { decompressors: nodeDecompressors, gunzip, lent, ...(columns.length > 0 && { columns }) };
let rows = 0;
let rejected = 0;
const started = process.cpuUsage();
for (const shard of shards) {
  const source = sources.find(({ uri: own }) => own === shard.source.uri)!;
  for await (const read of readShard(source, shard, schema, options)) {
    rows += read.batch.rows;
    rejected += read.rejected.length;
  }
}
const { user, system } = process.cpuUsage(started);
const cpuSeconds = (user + system) / 1e6;
const bytes = sources.reduce((sum, { size }) => sum + size, 0);
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ rows, rejected, bytes, cpuSeconds, peakRssBytes })}\n`);
