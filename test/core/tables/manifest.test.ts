import { describe, expect, test } from 'vitest';
import { FanfareError } from '../../../core/errors.ts';
import type { ByteSource, OpenSources } from '../../../core/store.ts';
import { openTable } from '../../../core/tables/manifest.ts';
import { byteSource } from '../../support/byte-source.ts';

const sha = 'ab'.repeat(32);

/** Opens those files, each by its URI, and the first by `list` too. */
function world(
  files: Readonly<
    Record<string, { readonly text?: string; readonly etag?: string; readonly sha256?: string }>
  >,
): OpenSources {
  const sources = Object.entries(files).map(([uri, { text = 'x', etag, sha256 }]): ByteSource => {
    const name = uri.slice(uri.lastIndexOf('/') + 1);
    const source = { ...byteSource(text, name, etag), uri };
    return sha256 === undefined ? source : { ...source, sha256: async () => sha256 };
  });
  return async (uri) => {
    const found = uri === 'list' ? sources.slice(0, 1) : sources.filter((source) => source.uri === uri);
    if (found.length > 0) return found;
    throw new FanfareError('MissingInput', `'${uri}' does not exist`);
  };
}

const listing = (
  manifest: unknown,
  others: Readonly<Record<string, object>> = {},
  at = 'file:///t/my.manifest.json',
) =>
  openTable(
    'list',
    world({ [at]: { text: typeof manifest === 'string' ? manifest : JSON.stringify(manifest) }, ...others }),
  );

describe('a manifest', () => {
  test('is the table of the files that it lists, in its order, beside it or anywhere', async () => {
    const files = { 'file:///t/b%20c/x.csv': {}, 's3://bucket/a.csv': {}, 'file:///t/a.csv': {} };
    const sources = await listing({ files: ['b c/x.csv', 's3://bucket/a.csv', { path: 'a.csv' }] }, files);
    expect(sources.map(({ name, uri }) => [name, uri])).toEqual([
      ['b c/x.csv', 'file:///t/b%20c/x.csv'],
      ['s3://bucket/a.csv', 's3://bucket/a.csv'],
      ['a.csv', 'file:///t/a.csv'],
    ]);
    const inS3 = await listing(
      { files: ['b c.csv'] },
      { 's3://bucket/t/b c.csv': {} },
      's3://bucket/t/manifest.json',
    );
    expect(inS3.map(({ uri }) => uri)).toEqual(['s3://bucket/t/b c.csv']);
  });

  test('of a prediction or a dataset is the table of its parts, wherever its folder lies', async () => {
    const part = (key: string) => ({ key, rows: 1, bytes: 1, sha256: sha });
    const files = {
      'file:///t/part-0.parquet': { etag: sha },
      'file:///t/train/0.arrow': { etag: sha },
      'file:///t/test/0.arrow': { etag: '"an etag of S3"' },
    };
    const prediction = { prediction: 'p-1', parts: [part('predictions/p-1/part-0.parquet')], rows: 1 };
    expect((await listing(prediction, files)).map(({ name }) => name)).toEqual(['part-0.parquet']);
    const partitions = {
      train: [part('datasets/d-1/train/0.arrow')],
      validation: [],
      test: [part('datasets/d-1/test/0.arrow')],
    };
    const names = (await listing({ dataset: 'd-1', partitions }, files)).map(({ name }) => name);
    expect(names).toEqual(['train/0.arrow', 'test/0.arrow']);
    await expect(
      listing(prediction, { 'file:///t/part-0.parquet': { etag: sha.replace('a', 'c') } }),
    ).rejects.toThrow(/part-0\.parquet changed: its etag is cb/);
    const large = { etag: `g${'0'.repeat(32)}`, sha256: sha };
    expect(await listing(prediction, { 'file:///t/part-0.parquet': large })).toHaveLength(1);
    const changed = { ...large, sha256: sha.replace('a', 'c') };
    await expect(listing(prediction, { 'file:///t/part-0.parquet': changed })).rejects.toThrow(/etag is cb/);
  });

  test.each([
    ['{', 'InvalidSpec', /my\.manifest\.json is no JSON/],
    [{ files: [] }, 'InvalidSpec', /lists no files: wanted is \{ "files": /],
    [{ rows: 7 }, 'InvalidSpec', /lists no files/],
    [{ files: ['a.csv', 'a.csv'] }, 'InvalidSpec', /lists a\.csv twice/],
    [{ files: ['*.csv'] }, 'InvalidSpec', /lists \*\.csv: an entry is one file/],
    [{ files: ['../a.csv'] }, 'InvalidSpec', /lists \.\.\/a\.csv: an entry is one file/],
    [{ files: ['none.csv'] }, 'MissingInput', /none\.csv' does not exist/],
    [{ files: [{ path: 'a.csv', size: 2 }] }, 'BadTable', /a\.csv has 1 bytes, and 2 by the manifest/],
    [{ files: [{ path: 'a.csv', etag: 'old' }] }, 'BadTable', /a\.csv changed: its etag is 1, and old by/],
  ])('that cannot be meant is refused: %j', async (manifest, name, message) => {
    await expect(listing(manifest, { 'file:///t/a.csv': {} })).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  test('is what is called so alone', async () => {
    const sources = await openTable(
      'list',
      world({ 'file:///t/data.json': { text: '{"files":["a.csv"]}' } }),
    );
    expect(sources.map(({ name }) => name)).toEqual(['data.json']);
  });
});
