import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Cloud } from '../../library/doctor/cloud.ts';
import { type DoctorOptions, examine } from '../../library/doctor/doctor.ts';
import type { Machine } from '../../library/doctor/machine.ts';

const refuse = (message: string) => async () => {
  throw new Error(message);
};

const healthy: Machine = {
  node: '20.19.1',
  venv: '/fanfare/.venv',
  has: () => true,
  say: async (program) => (program.endsWith('mlflow') ? 'mlflow, version 3.17.2\n' : 'Python 3.11.4\n'),
  tryFolder: async () => 50e9,
  tryPort: async () => 5000,
  tryOnnx: async () => '1.30.0',
};

const sunny: Cloud = {
  where: async () => 'region eu-west-1, account 123456789012',
  bucketOf: async () => 'fanfare-data',
  listBucket: async () => {},
  concurrency: async () => 1000,
};

interface World {
  readonly machine?: Partial<Machine>;
  readonly cloud?: Partial<Cloud>;
  readonly env?: Record<string, string>;
}

/** What is found there, by check: `ok 20.19.1`. */
async function found(world: World, options: DoctorOptions = { home: '/home/ada/.fanfare' }) {
  const { checks, well } = await examine(options, {
    machine: { ...healthy, ...world.machine },
    cloud: { ...sunny, ...world.cloud },
    env: world.env ?? {},
  });
  for (const { state, advice } of checks) expect(advice === undefined).toBe(state === 'ok');
  return { well, ...Object.fromEntries(checks.map((each) => [each.check, `${each.state} ${each.found}`])) };
}

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A server that answers by path. */
async function served(answers: Readonly<Record<string, readonly [number, string]>>): Promise<string> {
  server = createServer((request, response) => {
    const [status, text] = answers[new URL(request.url!, 'http://x').pathname] ?? [404, ''];
    response.writeHead(status).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('fanfare doctor', () => {
  test('finds all well on a machine that has everything', async () => {
    expect(await found({})).toEqual({
      well: true,
      node: 'ok 20.19.1',
      home: 'ok /home/ada/.fanfare can be written, 50.0 GB are free',
      onnxruntime: 'ok 1.30.0, ran a model',
      mlflow: 'ok 3.17.2 in /fanfare/.venv',
      ports: 'ok 127.0.0.1 has a free one',
    });
  });

  test.each<[string, Partial<Machine>, object]>([
    ['an old Node', { node: '20.18.0' }, { well: false, node: 'fail 20.18.0, and 20.19 is the least' }],
    ['a newer Node', { node: '24.1.0' }, { well: true, node: 'ok 24.1.0' }],
    [
      'a folder that cannot be written',
      { tryFolder: refuse('EACCES: permission denied') },
      { well: false, home: 'fail /home/ada/.fanfare: EACCES: permission denied' },
    ],
    [
      'a full disk',
      { tryFolder: async () => 5e8 },
      { well: true, home: 'warn /home/ada/.fanfare can be written, 0.5 GB are free' },
    ],
    [
      'a binary for another platform',
      { tryOnnx: refuse('invalid ELF header\nat x') },
      { well: false, onnxruntime: 'fail invalid ELF header' },
    ],
    [
      'Python without MLflow',
      { has: () => false },
      { well: true, mlflow: 'warn Python 3.11.4, and no MLflow' },
    ],
    [
      'an old Python',
      { has: () => false, say: async () => 'Python 3.8.10\n' },
      { mlflow: 'warn Python 3.8.10, and 3.10 is the least' },
    ],
    [
      'no Python',
      { has: () => false, say: refuse('ENOENT') },
      { well: true, mlflow: 'warn there is no Python' },
    ],
    [
      'an environment that was moved',
      { say: refuse('bad interpreter') },
      { mlflow: 'warn /fanfare/.venv/bin/mlflow: bad interpreter' },
    ],
    ['no port', { tryPort: refuse('listen EPERM') }, { well: true, ports: 'warn listen EPERM' }],
  ])('says what is wrong with %s', async (_, machine, expected) => {
    expect(await found({ machine })).toMatchObject(expected);
  });

  test('asks the server of MLFLOW_TRACKING_URI for its version and whether it knows us, in place of ours', async () => {
    const experiments = '/api/2.0/mlflow/experiments/search';
    const uri = await served({ '/version': [200, '2.22.1'], [experiments]: [200, '{"experiments":[]}'] });
    const well = await found({ env: { MLFLOW_TRACKING_URI: uri } });
    expect(well).toMatchObject({
      well: true,
      tracking: `ok ${uri} answers, MLflow 2.22.1`,
      'tracking access': 'ok experiments can be read',
    });
    expect(well).not.toHaveProperty('mlflow');
    server?.close();
    const closed = await served({ '/version': [200, '3.17.2'], [experiments]: [401, 'who?'] });
    const refused = await found({ env: { MLFLOW_TRACKING_URI: closed } });
    expect(refused).toMatchObject({
      well: false,
      'tracking access': expect.stringMatching(/^fail .*MLFLOW_TRACKING_USERNAME/),
    });
  });

  test('says where no server answers', async () => {
    const uri = await served({});
    server!.close();
    server!.closeAllConnections();
    expect(await found({ env: { MLFLOW_TRACKING_URI: uri } })).toMatchObject({
      well: false,
      tracking: expect.stringMatching(/^fail /),
    });
  });

  test.each<[string, Partial<Cloud>, object]>([
    [
      'all is well',
      {},
      {
        well: true,
        credentials: 'ok region eu-west-1, account 123456789012',
        stack: 'ok Team, bucket fanfare-data',
        bucket: 'ok fanfare-data can be listed',
        'lambda quota': 'ok 1000 functions at once',
      },
    ],
    [
      'there are no credentials',
      { where: refuse('there are no AWS credentials') },
      { well: false, credentials: 'fail there are no AWS credentials' },
    ],
    [
      'there is no stack',
      { bucketOf: refuse('there is no stack Team') },
      { well: false, stack: 'fail there is no stack Team', 'lambda quota': 'ok 1000 functions at once' },
    ],
    [
      'the bucket is closed',
      { listBucket: refuse('AccessDenied') },
      { well: false, bucket: 'fail AccessDenied' },
    ],
    [
      'the account is new',
      { concurrency: async () => 10 },
      { well: false, 'lambda quota': 'fail 10 functions at once, and 101 is the least' },
    ],
    [
      'the quota is small',
      { concurrency: async () => 200 },
      { well: true, 'lambda quota': 'warn 200 functions at once' },
    ],
    [
      'the quota cannot be read',
      { concurrency: refuse('AccessDenied') },
      { well: true, 'lambda quota': 'warn AccessDenied' },
    ],
  ])('looks at AWS where it is asked to: %s', async (_, cloud, expected) => {
    expect(await found({ cloud }, { engine: 'aws', stack: 'Team' })).toMatchObject(expected);
  });
});
