import { ObjectList, type PredictionPlan, type PredictReceipt } from '../contracts/job.ts';
import { FanfareError } from '../errors.ts';
import { readPartition } from '../steps/job.ts';
import { readObject } from '../steps/objects.ts';
import { openShard } from '../steps/open-shard.ts';
import type { Ports } from '../steps/ports.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import { countObjects } from '../tables/objects.ts';
import { readShard } from '../tables/read.ts';

/** What a prediction is verified with. */
export type VerifyPorts = Pick<Ports, 'store' | 'open' | 'decompressors' | 'gunzip'>;

/** The rows of the input, read again at the version that was planned: each shard has as many as it had then. */
export async function inputRows(
  { input }: PredictionPlan,
  receipts: readonly PredictReceipt[],
  ports: VerifyPorts,
  told: (where: string, what: string) => void,
): Promise<number> {
  const shards = input.kind === 'table' ? input.shards : input.partitions;
  let sum = 0;
  for (const [at, shard] of shards.entries()) {
    const where = 'source' in shard ? shard.source.uri : shard.key;
    try {
      const rows = await rowsOfShard(input, at, ports);
      sum += rows;
      const then = receipts.find((receipt) => receipt.shard === at)?.rows;
      if (rows !== then)
        told(where, `shard ${at} has ${rows} rows now, and had ${then ?? 'no'} when it was predicted`);
    } catch (error) {
      if (!(error instanceof FanfareError)) throw error;
      told(where, error.message);
    }
  }
  return sum;
}

async function rowsOfShard(input: PredictionPlan['input'], at: number, ports: VerifyPorts): Promise<number> {
  switch (input.kind) {
    case 'rejects':
      return input.partitions[at]!.rows;
    case 'dataset': {
      const batches = decodeArrow(await readPartition(ports.store, input.partitions[at]!));
      return batches.reduce((sum, batch) => sum + batch.rows, 0);
    }
    case 'table': {
      const shard = input.shards[at]!;
      if (shard.kind === 'objects') {
        const list = await readObject(ports.store, shard.source.uri, ObjectList);
        return countObjects(list, ports.open);
      }
      const source = await openShard(shard, input.table, ports);
      let rows = 0;
      for await (const { batch, rejected } of readShard(source, shard, input.schema, ports)) {
        rows += batch.rows + rejected.length;
      }
      return rows;
    }
  }
}
