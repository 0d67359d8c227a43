import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MlflowServer, startMlflow } from '../../local/mlflow-server.ts';

/** In MLflow's place a script of Node that takes the same options. The real one is started in `*.slow.test.ts`. */
const working = `
const port = process.argv[process.argv.indexOf('--port') + 1];
require('node:fs').appendFileSync('started', process.argv.slice(2).join(' ') + '\\n');
require('node:http').createServer((_, response) => response.end('OK')).listen(port, '127.0.0.1');
`;

let place = { venv: '', folder: '' };
let servers: MlflowServer[] = [];

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'fanfare-server-'));
  place = { venv: join(root, 'venv'), folder: join(root, 'mlflow') };
  await mkdir(join(place.venv, 'bin'), { recursive: true });
});

afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
  await rm(join(place.venv, '..'), { recursive: true, force: true });
});

async function program(source: string): Promise<void> {
  const path = join(place.venv, 'bin', 'mlflow');
  await writeFile(path, `#!${process.execPath}\n${source}`);
  await chmod(path, 0o755);
}

async function start(): Promise<MlflowServer> {
  const server = await startMlflow(place);
  servers.push(server);
  return server;
}

const answers = async (uri: string): Promise<boolean> =>
  await fetch(`${uri}/health`).then(
    ({ ok }) => ok,
    () => false,
  );

const started = async (): Promise<string[]> =>
  (await readFile(join(place.folder, 'started'), 'utf8')).trim().split('\n');

describe('startMlflow', () => {
  it('starts a server over the folder and stops it', async () => {
    await program(working);
    const server = await start();
    expect(await answers(server.uri)).toBe(true);
    const [options] = await started();
    expect(options).toContain(`--backend-store-uri sqlite:///${place.folder}/mlflow.db`);
    expect(options).toContain(`--artifacts-destination ${place.folder}/artifacts`);
    await server.close();
    expect(await answers(server.uri)).toBe(false);
    await expect(readFile(join(place.folder, 'server.json'))).rejects.toThrow('ENOENT');
  });

  it('shares one server among all that ask for the folder, and only its starter stops it', async () => {
    await program(working);
    const [a, b, c] = await Promise.all([start(), start(), start()]);
    expect([b.uri, c.uri]).toEqual([a.uri, a.uri]);
    expect(await started()).toHaveLength(1);
    const joined = [a, b, c].filter(({ pid }) => pid === process.pid);
    expect(joined).toHaveLength(2);
    for (const server of joined) await server.close();
    expect(await answers(a.uri)).toBe(true);
  });

  it('ends with the command that started it, even by SIGKILL', async () => {
    await program(working);
    const module = join(place.venv, 'starter.mjs');
    const code = `import { startMlflow } from '${resolve('local/mlflow-server.ts')}';
      console.log((await startMlflow(${JSON.stringify(place)})).uri); setInterval(() => undefined, 1000);`;
    const stdin = { contents: code, resolveDir: resolve('.'), loader: 'ts' } as const;
    await build({ stdin, bundle: true, platform: 'node', format: 'esm', outfile: module, logLevel: 'error' });
    const command = spawn(process.execPath, [module], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [uri] = await once(command.stdout, 'data');
    expect(await answers(String(uri).trim())).toBe(true);
    command.kill('SIGKILL');
    await expect.poll(() => answers(String(uri).trim())).toBe(false);
  });

  it('takes over from a command that died', async () => {
    await program(working);
    await mkdir(place.folder, { recursive: true });
    // 2 ** 22 is the highest process id of Linux; nobody has it here.
    const stale = { uri: 'http://127.0.0.1:9', owner: 4194304 };
    await writeFile(join(place.folder, 'server.json'), JSON.stringify(stale));
    expect(await answers((await start()).uri)).toBe(true);
  });

  it('takes over from a claim that cannot be read', async () => {
    await program(working);
    await mkdir(place.folder, { recursive: true });
    await writeFile(join(place.folder, 'server.json'), '');
    expect(await answers((await start()).uri)).toBe(true);
  });

  it('fails with the end of the log when the server ends before it answers', async () => {
    await program(`console.error('Traceback: no such module'); process.exit(3);`);
    await expect(startMlflow(place)).rejects.toMatchObject({
      name: 'TrackerUnavailable',
      message: expect.stringMatching(/server\.log ends with:\nTraceback: no such module$/),
    });
  });

  it('tries another port when it lost the first', async () => {
    const lost = `if (!require('node:fs').existsSync('tried')) {
      require('node:fs').writeFileSync('tried', '');
      console.error('[Errno 98] error while attempting to bind: address already in use');
      process.exit(1);
    }`;
    await program(lost + working);
    expect(await answers((await start()).uri)).toBe(true);
  });

  it('says where MLflow was looked for when it is not there', async () => {
    await expect(startMlflow(place)).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringContaining(join(place.venv, 'bin', 'mlflow')),
    });
  });
});
