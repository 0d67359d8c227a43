import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Brings npm's packages and a Python environment with MLflow to where the lock files say, before any package exists.
 * Quick when all is there already. May be interrupted at any moment and run again.
 *
 * @param {object} options
 * @param {'none' | 'wanted' | 'required'} options.python Whether an absent Python is a reason or an error; `none`: it is not needed.
 * @param {boolean} options.tests Also what the tests load in Python.
 * @param {(line: string) => void} [options.log] Takes what it says; stderr if not given.
 * @param {string} [options.root] The project's folder.
 * @returns {Promise<{ python: string } | { python: undefined, reason: string }>}
 */
export async function setup({ python, tests, log = toStderr, root = projectRoot }) {
  checkNode(process.versions.node);
  await installPackages(root, log);
  if (python === 'none') return { python: undefined, reason: 'it was not asked for' };
  try {
    const label = `Installing Python packages (${tests ? 'MLflow and what the tests need' : 'MLflow'})`;
    const files = wantedFiles(root, tests);
    return { python: await installPython({ root, folder: '.venv', files, label, log }) };
  } catch (error) {
    if (python === 'required') throw error;
    return { python: undefined, reason: error.message };
  }
}

const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

const toStderr = (line) => void process.stderr.write(`${line}\n`);

export function checkNode(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(
    `Fanfare needs Node 20.19 or newer, and this is ${version} (${process.execPath}): https://nodejs.org`,
  );
}

async function installPackages(root, log) {
  const stamp = join(root, 'node_modules', '.fanfare-setup');
  const lock = digestOf(join(root, 'package-lock.json'));
  if (read(stamp) === lock) return;
  await run('Installing npm packages', 'npm', ['ci', '--no-audit', '--no-fund'], root, log);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/**
 * The interpreter of an environment in the project. What was installed, and where, stands in a stamp that is written last.
 *
 * @param {object} options
 * @param {string} options.folder The environment's, in the project.
 * @param {string[]} options.files Requirements, by their paths in the project.
 * @param {string} options.label What the installation is called.
 * @param {(line: string) => void} [options.log]
 * @param {string} [options.root]
 * @returns {Promise<string>}
 */
export async function installPython({ folder, files, label, log = toStderr, root = projectRoot }) {
  const venv = join(root, folder);
  const stamp = join(venv, '.fanfare-setup');
  const interpreter = join(venv, 'bin', 'python');
  const done = existsSync(interpreter) ? parse(read(stamp)) : {};
  const wanted = files.map((file) => [file, digestOf(join(root, file))]);
  // Scripts of an environment hold its path, so one that was moved is of no use.
  if (done.root === root && wanted.every(([file, digest]) => done[file] === digest)) return interpreter;
  if (done.root !== root) await makeVenv(venv, root, log);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
  await run(label, interpreter, [...pip, ...files.flatMap((file) => ['-r', file])], root, log);
  writeFileSync(stamp, JSON.stringify({ ...done, root, ...Object.fromEntries(wanted) }));
  return interpreter;
}

const wantedFiles = (root, tests) =>
  ['python/requirements.txt', ...(tests ? ['python/requirements-test.txt'] : [])].filter((file) =>
    existsSync(join(root, file)),
  );

/** One that somebody else made, and that works, is kept; one of ours that was not finished is made anew. */
async function makeVenv(venv, root, log) {
  const making = join(venv, '.fanfare-making');
  const ours = existsSync(making) || existsSync(join(venv, '.fanfare-setup'));
  if (!ours && (await probe(join(venv, 'bin', 'python'))).usable) return;
  const python = await findPython();
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(venv);
  writeFileSync(making, '');
  await run(`Making a Python environment with ${python}`, python, ['-m', 'venv', venv], root, log);
}

const pythons = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

async function findPython() {
  const seen = [];
  for (const name of pythons) {
    const { usable, found } = await probe(name);
    if (usable) return name;
    if (found !== undefined) seen.push(`${name} is ${found}`);
  }
  const given = seen.length > 0 ? seen.join(', ') : 'there is none on the PATH';
  throw new Error(
    `Python 3.10 or newer with its modules venv and ensurepip is needed (on Debian: python3-venv); ${given}`,
  );
}

/** @returns {Promise<{ usable: boolean, found: string | undefined }>} */
async function probe(python) {
  const code =
    'import sys, importlib.util as u; print("%d.%d" % sys.version_info[:2], all(map(u.find_spec, ["venv", "ensurepip"])))';
  const { status, output } = await capture(python, ['-c', code], projectRoot);
  const [, major, minor, complete] = /^(\d+)\.(\d+) (True|False)/.exec(output) ?? [];
  if (status !== 0 || major === undefined) return { usable: false, found: undefined };
  const modern = Number(major) === 3 && Number(minor) >= 10;
  const lacks = complete === 'True' ? '' : ' without venv';
  return { usable: modern && lacks === '', found: `${major}.${minor}${lacks}` };
}

/** Shows that it goes on; the command's own words come only if it fails. */
async function run(label, command, args, cwd, log) {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  const live = process.stderr.isTTY === true;
  const show = () => void process.stderr.write(`\r\x1b[K${label} … ${seconds()} s`);
  if (!live) log(`${label} …`);
  const timer = live ? setInterval(show, 1000) : undefined;
  if (live) show();
  const { status, output } = await capture(command, args, cwd);
  clearInterval(timer);
  if (live) process.stderr.write('\r\x1b[K');
  if (status === 0) return log(`${label}: done in ${seconds()} s`);
  log(output.trimEnd());
  throw new Error(`${label} failed after ${seconds()} s: ${command} ${args.join(' ')} ended with ${status}`);
}

function capture(command, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnv() });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ status: error.message, output: '' }));
    child.on('close', (code, signal) =>
      resolve({ status: code ?? signal, output: Buffer.concat(chunks).toString() }),
    );
  });
}

/** PYTHONHOME and pip's --user or --target would lead pip out of the environment. */
function cleanEnv() {
  const { PYTHONHOME, PYTHONPATH, PIP_USER, PIP_TARGET, PIP_PREFIX, VIRTUAL_ENV, ...env } = process.env;
  return env;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const digestOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
