import { type Check, fail, messageOf, ok, warn } from './check.ts';

/** This machine, as far as it is looked at. */
export interface Machine {
  /** `20.19.1` */
  readonly node: string;
  /** What a program says on stdout; throws where it is not there or ends badly. */
  say(program: string, args: readonly string[]): Promise<string>;
  /** The environment that `npm start` makes. */
  readonly venv: string;
  has(file: string): boolean;
  /** Writes into a folder and takes it away again; answers with the free bytes there. */
  tryFolder(folder: string): Promise<number>;
  /** Listens on a free port of 127.0.0.1 for a moment. */
  tryPort(): Promise<number>;
  /** Runs a model of one node in ONNX Runtime; answers with its version. */
  tryOnnx(): Promise<string>;
}

const gigabyte = 1e9;

export function nodeCheck({ node }: Machine): Check {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? ok('node', node)
    : fail('node', `${node}, and 20.19 is the least`, 'install a newer one: https://nodejs.org');
}

export async function homeCheck(machine: Machine, home: string): Promise<Check> {
  try {
    const free = await machine.tryFolder(home);
    const found = `${home} can be written, ${(free / gigabyte).toFixed(1)} GB are free`;
    if (free >= gigabyte) return ok('home', found);
    return warn(
      'home',
      found,
      'datasets are about as large as their tables: make room, or name another folder, --home',
    );
  } catch (error) {
    return fail(
      'home',
      `${home}: ${messageOf(error)}`,
      'name a folder that can be written: --home, or FANFARE_HOME',
    );
  }
}

export async function onnxCheck(machine: Machine): Promise<Check> {
  try {
    return ok('onnxruntime', `${await machine.tryOnnx()}, ran a model`);
  } catch (error) {
    return fail(
      'onnxruntime',
      messageOf(error),
      'install it anew for this platform: npm rebuild onnxruntime-node, or npm ci',
    );
  }
}

/** Python and the MLflow in it: without them records are kept and sent later. */
export async function mlflowCheck(machine: Machine): Promise<Check> {
  const program = `${machine.venv}/bin/mlflow`;
  if (machine.has(program)) {
    try {
      return ok('mlflow', `${versionIn(await machine.say(program, ['--version']))} in ${machine.venv}`);
    } catch (error) {
      return warn(
        'mlflow',
        `${program}: ${messageOf(error)}`,
        'remove the folder .venv and run npm start: it is made anew',
      );
    }
  }
  const python = await pythonOf(machine);
  if (python === undefined) {
    return warn(
      'mlflow',
      'there is no Python',
      'install Python 3.10 or newer with venv and run npm start once, or name a server in MLFLOW_TRACKING_URI',
    );
  }
  const [major = 0, minor = 0] = python.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 10)
    ? warn('mlflow', `Python ${python}, and no MLflow`, 'npm start installs it once')
    : warn(
        'mlflow',
        `Python ${python}, and 3.10 is the least`,
        'install a newer Python and run npm start once, or name a server in MLFLOW_TRACKING_URI',
      );
}

async function pythonOf(machine: Machine): Promise<string | undefined> {
  for (const program of ['python3', 'python']) {
    try {
      return versionIn(await machine.say(program, ['--version']));
    } catch {}
  }
  return undefined;
}

const versionIn = (said: string): string => /\d+\.\d+(\.\d+)?/.exec(said)?.[0] ?? said.trim();

export async function portCheck(machine: Machine): Promise<Check> {
  try {
    await machine.tryPort();
    return ok('ports', '127.0.0.1 has a free one');
  } catch (error) {
    return warn(
      'ports',
      messageOf(error),
      "MLflow's server cannot listen on 127.0.0.1: name a server in MLFLOW_TRACKING_URI, or --no-mlflow",
    );
  }
}
