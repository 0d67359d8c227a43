import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { functions } from '../../core/contracts/functions.ts';

const folder = fileURLToPath(new URL('../../dist/functions/', import.meta.url));
const store = mkdtempSync(join(tmpdir(), 'fanfare-bundles-'));
afterAll(() => rmSync(store, { recursive: true }));

/** The packages that were loaded from outside the bundle once it has answered a request of no meaning. */
function lentTo(name: string, env: Readonly<Record<string, string>>): string[] {
  const script = `
    const { handler } = await import(${JSON.stringify(`file://${folder}${name}.mjs`)});
    const context = { functionName: 'f', getRemainingTimeInMillis: () => 1000 };
    const request = { study: 'x-0123456789ab', execution: 'e', error: null };
    await handler(request, context).catch(() => undefined);
    const { default: { createRequire } } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    const named = loaded.flatMap((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1] ?? []);
    process.stdout.write('\\n' + JSON.stringify([...new Set(named)]));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(out.slice(out.lastIndexOf('\n')));
}

test('each function has a bundle, of less than 1 MB', () => {
  const files = readdirSync(folder);
  expect(files.toSorted()).toEqual(
    Object.keys(functions)
      .map((name) => `${name}.mjs`)
      .toSorted(),
  );
  for (const file of files)
    expect([file, statSync(join(folder, file)).size]).toSatisfy(([, size]) => size < 1e6);
});

test('on this machine a function loads neither the AWS SDK nor ONNX Runtime before it needs them', () => {
  expect(lentTo('finish-study', { FANFARE_STORE: store })).toEqual([]);
});

test('on AWS it loads the S3 client, and still no ONNX Runtime', () => {
  const aws = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' };
  const nowhere = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' };
  const lent = lentTo('finish-study', { FANFARE_BUCKET: 'b', ...aws, ...nowhere });
  expect(lent).toContain('@aws-sdk/client-s3');
  expect(lent).not.toContain('onnxruntime-node');
});
