import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const setup = pathToFileURL(resolve('scripts/setup.mjs')).href;

/** A project with fakes of npm and Python on the PATH that write down how they were called. */
let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fanfare-setup-'));
  await mkdir(join(root, 'bin'));
  await mkdir(join(root, 'python'));
  await writeFile(join(root, 'package-lock.json'), '{}');
  await writeFile(join(root, 'python/requirements.txt'), 'mlflow==1');
  await writeFile(join(root, 'python/requirements-test.txt'), 'onnx==1');
  await program('npm', 'echo "npm $@" >> calls; mkdir -p node_modules');
  await program('python3', python('3.11 True'));
});

afterEach(async () => await rm(root, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<void> {
  const path = join(root, 'bin', name);
  await writeFile(path, `#!/bin/sh\ncd "${root}"\n${script}\n`);
  await chmod(path, 0o755);
}

/** `-c` asks for its version; `-m venv` copies itself into the environment. */
const python = (version: string, pip = 'true') => `case "$2" in
  venv) echo venv >> calls; mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  pip) echo "pip $(echo "$@" | grep -o 'python/[a-z-]*' | tr '\\n' ' ')" >> calls; ${pip};;
  *) echo "${version}";;
esac`;

async function run(
  options: object = {},
): Promise<{ result: Record<string, string>; said: string; calls: string[] }> {
  await rm(join(root, 'calls'), { force: true });
  const given = { python: 'wanted', tests: false, root, ...options };
  const code = `import { setup } from '${setup}';
    console.log(JSON.stringify(await setup(${JSON.stringify(given)}).catch(({ message }) => ({ error: message }))));`;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', code],
    {
      env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
    },
  );
  const calls = await readFile(join(root, 'calls'), 'utf8').catch(() => '');
  return { result: JSON.parse(stdout), said: stderr, calls: calls.split('\n').filter((line) => line !== '') };
}

const interpreter = () => join(root, '.venv/bin/python');

describe('setup', () => {
  it('installs npm packages, an environment and MLflow, once', async () => {
    const first = await run();
    expect(first.result).toEqual({ python: interpreter() });
    expect(first.calls).toEqual(['npm ci --no-audit --no-fund', 'venv', 'pip python/requirements ']);
    const second = await run();
    expect(second).toEqual({ result: { python: interpreter() }, said: '', calls: [] });
  });

  it('installs again what a lock file changed, and no more', async () => {
    await run();
    await writeFile(join(root, 'package-lock.json'), '{"a":1}');
    expect((await run()).calls).toEqual(['npm ci --no-audit --no-fund']);
    await writeFile(join(root, 'python/requirements.txt'), 'mlflow==2');
    expect((await run()).calls).toEqual(['pip python/requirements ']);
  });

  it('adds what the tests need when it is first asked for', async () => {
    await run();
    expect((await run({ tests: true })).calls).toEqual(['pip python/requirements python/requirements-test ']);
    expect((await run({ tests: true })).calls).toEqual([]);
    expect((await run()).calls).toEqual([]);
  });

  it('makes no environment where none is needed', async () => {
    const { result, calls } = await run({ python: 'none' });
    expect(result).toEqual({ reason: 'it was not asked for' });
    expect(calls).toEqual(['npm ci --no-audit --no-fund']);
  });

  it('makes another environment beside it', async () => {
    await mkdir(join(root, 'bench'));
    await writeFile(join(root, 'bench/peers.txt'), 'ray==1');
    const install = `import { installPython } from '${setup}';
      console.log(await installPython({ folder: '.venv-bench', files: ['bench/peers.txt'], label: 'Peers', root: '${root}' }));`;
    const again = () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', install], {
        env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
      });
    const { stdout, stderr } = await again();
    expect(stdout.trim()).toBe(join(root, '.venv-bench/bin/python'));
    expect(stderr).toContain('Peers: done');
    expect((await again()).stderr).toBe('');
    expect((await run()).calls).toEqual(['npm ci --no-audit --no-fund', 'venv', 'pip python/requirements ']);
  });

  it('makes an environment anew that was left half-made', async () => {
    await program('python3', python('3.11 True', 'exit 1'));
    expect((await run()).result.reason).toContain('Installing Python packages (MLflow) failed');
    await program('python3', python('3.11 True'));
    expect(await run()).toMatchObject({
      result: { python: interpreter() },
      calls: ['venv', 'pip python/requirements '],
    });
  });

  it('keeps an environment that somebody else made', async () => {
    await mkdir(join(root, '.venv/bin'), { recursive: true });
    await writeFile(join(root, '.venv/bin/python'), `#!/bin/sh\ncd "${root}"\n${python('3.12 True')}`);
    await chmod(interpreter(), 0o755);
    expect((await run()).calls).toEqual(['npm ci --no-audit --no-fund', 'pip python/requirements ']);
  });

  it('shows what npm or pip said only when it failed', async () => {
    await program('python3', python('3.11 True', 'echo no network; exit 1'));
    const failed = await run();
    expect(failed.said).toContain('no network');
    expect(failed.said).not.toContain('npm ci');
    await program('npm', 'echo EACCES; exit 7');
    await writeFile(join(root, 'package-lock.json'), '{"b":1}');
    expect(await run()).toMatchObject({
      result: { error: expect.stringContaining('Installing npm packages failed') },
      said: expect.stringContaining('EACCES'),
    });
  });

  it.each([
    ['3.9 True', 'python3 is 3.9'],
    ['3.12 False', 'python3 is 3.12 without venv'],
  ])('gives a reason where Python is %s, or fails where it is required', async (version, reason) => {
    for (const name of ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
      await program(name, python(version));
    }
    expect((await run()).result.reason).toContain(reason);
    expect((await run({ python: 'required' })).result.error).toContain(reason);
  });

  it('tells an old Node what is needed', async () => {
    const code = `import { checkNode } from '${setup}'; checkNode('20.19.0'); checkNode('22.0.0'); checkNode('20.18.3');`;
    const old = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
    await expect(old).rejects.toThrow('Fanfare needs Node 20.19 or newer, and this is 20.18.3');
  });
});
