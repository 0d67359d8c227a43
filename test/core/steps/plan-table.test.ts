import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { passing, planTable } from '../../../core/steps/plan-table.ts';
import { byteSource } from '../../support/byte-source.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { stepPorts } from '../../support/step-world.ts';

const mebibyte = 2 ** 20;
const line = '12345,67.8,a word\n';
const csvOf = (bytes: number) =>
  byteSource(`id,x,w\n${line.repeat(Math.ceil(bytes / line.length))}`, 'a.csv');

const plan = async (source: ReturnType<typeof csvOf>, table: object = {}, most?: typeof passing) => {
  const asked = { path: source.uri, columns: {}, ...table };
  return (await planTable(asked, [source], stepPorts(memoryStore(), {}), most)).shards;
};

describe('a table is cut', () => {
  test.each([1, 5, 40])('into %i shards where so many are asked for', async (shards) => {
    expect(await plan(csvOf(mebibyte), { shards })).toHaveLength(shards);
  });

  test('into shards of about as many bytes as are asked for', async () => {
    const source = csvOf(mebibyte);
    const shards = await plan(source, { shard_bytes: 100_000 });
    expect(shards).toHaveLength(Math.ceil(source.size / 100_000));
    expect(Math.max(...shards.map(({ bytes }) => bytes))).toBeLessThanOrEqual(100_000);
  });

  test('into sixteen where it asks for nothing, but none of less than a mebibyte', async () => {
    expect(await plan(csvOf(20 * mebibyte))).toHaveLength(16);
    expect(await plan(csvOf(3 * mebibyte - 100))).toHaveLength(3);
  });

  test('of Parquet by what its columns take once they are decoded, which is far more than its bytes', async () => {
    // Twenty-eight row groups of 262,144 equal doubles: 2 MiB each in memory, next to nothing in the file.
    const data = new Array<number>(28 * 2 ** 18).fill(1.5);
    const columnData = [{ name: 'c', type: 'DOUBLE' as const, data }];
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 2 ** 18 }));
    expect(bytes.length).toBeLessThan(mebibyte);
    const shards = await plan(byteSource(bytes, 'a.parquet'));
    // 56 MiB decoded, of which a shard has 32 at most.
    expect(shards).toHaveLength(2);
    expect(await plan(byteSource(bytes, 'a.parquet'), { shards: 1 })).toHaveLength(1);
    // They pass through a prediction, which has room for 256.
    expect(await plan(byteSource(bytes, 'a.parquet'), {}, passing)).toHaveLength(1);
  });
});
