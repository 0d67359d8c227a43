import { Readable } from 'node:stream';
import { S3 } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { s3Options } from '../../../adapters/s3/options.ts';
import { s3Store } from '../../../adapters/s3/s3-store.ts';

type Sent = { readonly method: string; readonly path: string; readonly headers: Record<string, string> };
type Answer = { readonly status: number; readonly body?: string } | 'lost';

/** S3's own client over answers of ours, in their order. */
function scripted(...answers: Answer[]) {
  const sent: Sent[] = [];
  const client = new S3({
    ...s3Options({ AWS_ENDPOINT_URL: 'http://s3.test' }),
    endpoint: 'http://s3.test',
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      handle: async (request: Sent) => {
        sent.push(request);
        const answer = answers.shift();
        if (answer === undefined) throw new Error(`${request.method} ${request.path} was not expected`);
        if (answer === 'lost') throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
        const { status, body = '' } = answer;
        const headers = { etag: '"e"', 'content-length': String(body.length) };
        return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(body)]) } };
      },
    },
  });
  return { store: s3Store(client, 'bucket'), sent };
}

const error = (status: number, code: string): Answer => ({
  status,
  body: `<Error><Code>${code}</Code><Message>m</Message></Error>`,
});
const refused = error(412, 'PreconditionFailed');
const bytes = (text: string) => new TextEncoder().encode(text);
const absent = { kind: 'absent' } as const;

test('a conditional write that met another under way is sent again', async () => {
  const { store, sent } = scripted(error(409, 'ConditionalRequestConflict'), { status: 200 });
  expect(await store.put('k', bytes('mine'), absent)).toBe('written');
  expect(sent.map(({ headers }) => headers['if-none-match'])).toEqual(['*', '*']);
});

test('a conflict that does not end is an error in the end, not an answer', async () => {
  const conflict = error(409, 'ConditionalRequestConflict');
  const { store, sent } = scripted(...Array.from({ length: 8 }, () => conflict));
  await expect(store.put('k', bytes('mine'), absent)).rejects.toMatchObject({
    name: 'ConditionalRequestConflict',
  });
  expect(sent).toHaveLength(8);
});

test('a write is ours if its first answer was lost and its second refused by what we wrote', async () => {
  const { store } = scripted('lost', refused, { status: 200, body: 'mine' });
  expect(await store.put('k', bytes('mine'), absent)).toBe('written');
});

test('a write is not ours if another won while its first answer was lost', async () => {
  const { store } = scripted('lost', refused, { status: 200, body: 'theirs' });
  expect(await store.put('k', bytes('mine'), absent)).toBe('exists');
});

test('a refusal at once is believed without looking', async () => {
  const { store, sent } = scripted(refused);
  expect(await store.put('k', bytes('mine'), { kind: 'match', etag: 'e' })).toBe('exists');
  expect(sent.map(({ headers }) => headers['if-match'])).toEqual(['"e"']);
});

test('a bucket that is not there is no missing object', async () => {
  const { store } = scripted(error(404, 'NoSuchBucket'));
  await expect(store.get('k')).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('a write is tried again when S3 asks to slow down', async () => {
  const { store, sent } = scripted(error(503, 'SlowDown'), { status: 200 });
  expect(await store.put('k', bytes('x'))).toBe('written');
  expect(sent).toHaveLength(2);
});
