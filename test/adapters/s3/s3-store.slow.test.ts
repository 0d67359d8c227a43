import { randomUUID } from 'node:crypto';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openObjects } from '../../../adapters/s3/open-objects.ts';
import { s3Options } from '../../../adapters/s3/options.ts';
import { s3Store } from '../../../adapters/s3/s3-store.ts';
import { type MiniStack, startMiniStack } from '../../support/ministack.ts';
import { objectStoreContract } from '../../support/object-store-contract.ts';

let aws: MiniStack;
let s3: S3;

beforeAll(async () => {
  aws = await startMiniStack();
  s3 = new S3({
    ...s3Options(aws.env),
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});

afterAll(async () => {
  s3?.destroy();
  await aws?.close();
});

async function newBucket(): Promise<string> {
  const Bucket = `fanfare-${randomUUID()}`;
  await s3.createBucket({ Bucket });
  return Bucket;
}

const bytes = (text: string) => new TextEncoder().encode(text);

objectStoreContract('in S3', async () => s3Store(s3, await newBucket()));

describe('an object above 64 MiB', () => {
  const large = new Uint8Array(65 * 2 ** 20);
  for (let index = 0; index < large.length; index += 4096) large[index] = index >> 12;

  test('goes up in parts and comes back whole', async () => {
    const store = s3Store(s3, await newBucket());
    expect(await store.put('large', large, { kind: 'absent' })).toBe('written');
    const found = await store.get('large');
    expect(found?.etag).toMatch(/-5$/);
    expect(Buffer.compare(found!.body, large)).toBe(0);
  });

  test('is refused where one is, and leaves no parts behind', async () => {
    const Bucket = await newBucket();
    const store = s3Store(s3, Bucket);
    await store.put('large', bytes('first'));
    expect(await store.put('large', large, { kind: 'absent' })).toBe('exists');
    expect(new TextDecoder().decode((await store.get('large'))?.body)).toBe('first');
    expect((await s3.listMultipartUploads({ Bucket })).Uploads ?? []).toEqual([]);
  });
});

test('a listing of more than one page is complete and in order', async () => {
  const store = s3Store(s3, await newBucket());
  const keys = Array.from({ length: 1003 }, (_, index) => `k/${String(index).padStart(5, '0')}`);
  for (let from = 0; from < keys.length; from += 50) {
    await Promise.all(keys.slice(from, from + 50).map((key) => store.put(key, bytes(''))));
  }
  const listed: string[] = [];
  for await (const { key } of store.list('k/')) listed.push(key);
  expect(listed).toEqual(keys);
});

describe('openObjects', () => {
  let bucket: string;
  const open = (uri: string) => openObjects(s3)(uri);
  const names = async (uri: string) => (await open(uri)).map(({ name }) => name);

  beforeAll(async () => {
    bucket = await newBucket();
    const objects = {
      ...{ 'b.csv': 'bb', 'a.csv': '0123456789', 'c.txt': 'c', '2026/x.csv': 'x', '2026-x.csv': 'y' },
      ...{ '.DS_Store': '', '2026/.hidden/z.csv': 'z', _SUCCESS: '', '2026/': '', 'große Tabelle.csv': 'g' },
    };
    for (const [name, text] of Object.entries(objects)) {
      await s3.putObject({ Bucket: bucket, Key: `in/table/${name}`, Body: bytes(text) });
    }
    await s3.putObject({ Bucket: bucket, Key: 'in/tables.csv', Body: bytes('n') });
  });

  test('names one object by the last part of its key', async () => {
    const [source, ...others] = await open(`s3://${bucket}/in/table/a.csv`);
    expect(source).toMatchObject({ name: 'a.csv', size: 10, uri: `s3://${bucket}/in/table/a.csv` });
    expect(others).toEqual([]);
  });

  test('takes all below a prefix but what is hidden, sorted by name, whether or not it ends with a slash', async () => {
    const expected = [
      ...['2026-x.csv', '2026/x.csv', '_SUCCESS', 'a.csv', 'b.csv', 'c.txt', 'große Tabelle.csv'],
    ];
    expect(await names(`s3://${bucket}/in/table`)).toEqual(expected);
    expect(await names(`s3://${bucket}/in/table/`)).toEqual(expected);
  });

  test('takes a star for any part of a name', async () => {
    expect(await names(`s3://${bucket}/in/table/*x.csv`)).toEqual(['2026-x.csv']);
    expect(await names(`s3://${bucket}/in/table/a*`)).toEqual(['a.csv']);
  });

  test('reads ranges, several at once', async () => {
    const [source] = await open(`s3://${bucket}/in/table/a.csv`);
    const parts = await Promise.all([source?.read(0, 3), source?.read(7, 10), source?.read(5, 5)]);
    expect(parts.map((part) => new TextDecoder().decode(part))).toEqual(['012', '789', '']);
    await expect(source?.read(8, 11)).rejects.toThrow('a file of 10 bytes');
  });

  test('refuses to read on from another version of an object', async () => {
    const target = { Bucket: bucket, Key: 'in/changing.csv' };
    await s3.putObject({ ...target, Body: bytes('before') });
    const [source] = await open(`s3://${bucket}/in/changing.csv`);
    await s3.putObject({ ...target, Body: bytes('after!') });
    await expect(source?.read(0, 3)).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringContaining('was written anew while it was read'),
    });
  });

  test('says what is not there, with the nearest name', async () => {
    await expect(open(`s3://${bucket}/in/table/aa.csv`)).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringContaining(`did you mean 's3://${bucket}/in/table/a.csv'?`),
    });
    await expect(open(`s3://${bucket}/in/tabel/a.csv`)).rejects.toThrow(
      `did you mean 's3://${bucket}/in/table/'?`,
    );
    await expect(open(`s3://${bucket}/in/table/*.parquet`)).rejects.toMatchObject({ name: 'MissingInput' });
  });

  test.each(['s3://', 's3:/b/c', 's3://B/c', 'file:///x'])('refuses %s', async (uri) => {
    await expect(open(uri)).rejects.toMatchObject({ name: 'InvalidSpec' });
  });
});
