import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type MlflowServer, startMlflow } from '../../local/mlflow-server.ts';

const exec = promisify(execFile);
const python = resolve('.venv/bin/python');

/** What lies over the packages of `.venv`, so that little is to be installed: in `site`, with a program of its own in `bin`. */
interface Overlay {
  readonly folder: string;
  readonly requirements: string;
}

/** MLflow before it had logged models: 20 s. */
const before3: Overlay = {
  folder: resolve('.venv-mlflow2'),
  requirements: resolve('python/requirements-mlflow2.txt'),
};

const withUsers: Overlay = {
  folder: resolve('.venv-mlflow-users'),
  requirements: resolve('python/requirements-mlflow-users.txt'),
};

/** Where Python finds MLflow before 3. */
export const mlflow2Path: string = join(before3.folder, 'site');

export async function startMlflow2(folder: string): Promise<MlflowServer> {
  // It knows no --allowed-hosts yet, which comes last.
  const without =
    'set -- "$@" end; while [ "$1" != --allowed-hosts ]; do set -- "$@" "$1"; shift; done; shift 3';
  const site = await installed(before3);
  const lines = [`export PYTHONPATH='${site}'`, without, `exec '${python}' -m mlflow "$@"`];
  await program(before3.folder, lines);
  return await startMlflow({ venv: before3.folder, folder });
}

/** The packages' folder; made anew where others are wanted than were installed. */
async function installed({ folder, requirements }: Overlay): Promise<string> {
  const site = join(folder, 'site');
  const stamp = join(folder, 'installed');
  const wanted = await readFile(requirements, 'utf8');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return site;
  await rm(folder, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
  await exec(python, [...pip, '--target', site, '--requirement', requirements]);
  await writeFile(stamp, wanted);
  return site;
}

/** The pinned MLflow with users: `admin` with the password `a-long-password`, who makes others. */
export async function startMlflowWithUsers(folder: string): Promise<MlflowServer> {
  const venv = join(folder, 'program');
  const config = join(folder, 'auth.ini');
  await mkdir(folder, { recursive: true });
  const lines = [
    '[mlflow]',
    'default_permission = READ',
    `database_uri = sqlite:///${join(folder, 'users.db')}`,
    'admin_username = admin',
    'admin_password = a-long-password',
    'authorization_function = mlflow.server.auth:authenticate_request_basic_auth',
  ];
  await writeFile(config, lines.join('\n'));
  const site = await installed(withUsers);
  await program(venv, [
    `export PYTHONPATH='${site}' MLFLOW_AUTH_CONFIG_PATH='${config}' MLFLOW_FLASK_SERVER_SECRET_KEY=for-tests`,
    `exec '${python}' -m mlflow "$@" --app-name basic-auth`,
  ]);
  return await startMlflow({ venv, folder });
}

/** `bin/mlflow` of a folder, as an environment has it. */
async function program(folder: string, lines: readonly string[]): Promise<void> {
  const path = join(folder, 'bin/mlflow');
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path, 0o755);
}
