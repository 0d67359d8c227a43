import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runProgram } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const peers = join(root, 'bench/peers');
const flights = { file: join(root, 'node_modules/vega-datasets/data/flights-3m.parquet'), rows: 3_000_000 };

/**
 * What a suite works with.
 *
 * @param {object} given
 * @param {string} given.folder The suite's own.
 * @param {string} given.shared For tables that several suites read.
 * @param {string} given.results Where what is to be kept stands.
 * @param {boolean} given.mlflow Whether what is recorded elsewhere is recorded here.
 * @param {string | undefined} given.python With the peers in it; undefined: no peers.
 * @param {string | undefined} given.tools A Python that makes and reads Parquet files; undefined: no suite needs one.
 * @param {string} [given.only] The one case of a suite that is asked for.
 * @param {(line: string) => void} given.log
 * @param {number} [given.runs]
 * @param {number} [given.rows]
 * @param {number} [given.trials]
 * @param {number} [given.rounds]
 */
export function openBench({
  folder,
  shared,
  results,
  mlflow,
  python,
  tools,
  log,
  only,
  runs,
  rows,
  trials,
  rounds,
}) {
  return {
    folder,
    results,
    mlflow,
    log,
    peers: python !== undefined,
    runs: (otherwise) => runs ?? otherwise,
    rows: (otherwise) => rows ?? otherwise,
    trials: (otherwise) => trials ?? otherwise,
    rounds: (otherwise) => rounds ?? otherwise,
    only: (cases) => chosen(cases, only),
    table: (count) => tableOf(shared, count),
    floats: (count, format) => floatsOf(tools, shared, count, format),
    tool: (script, args) => runPeer(tools, script, args, {}),
    peer: (script, args) => runPeer(python, script, args, leavings(shared)),
    startPeer: (script, args) => startTrainer(python, [join(peers, script), ...args]),
    interleave: (contenders, count) => interleave(contenders, count, log),
  };
}

/** @typedef {ReturnType<typeof openBench>} Bench */

/** The flights table, its first rows, or itself again and again: the same file for whoever takes part. */
async function tableOf(folder, rows) {
  if (rows === flights.rows) return flights.file;
  const file = join(folder, `flights-${rows}.parquet`);
  const maker = join(root, 'bench/make-flights.mjs');
  if (!existsSync(file)) await runProgram(process.execPath, [maker, file, '--rows', String(rows)]);
  return file;
}

/**
 * The cases of a suite that are to be measured: all, or those of a format (`csv`), a model (`mlp`), both (`csv/mlp`) or one of
 * several such words (`mlp,gbdt`).
 */
function chosen(cases, only) {
  if (only === undefined) return cases;
  const within = (some, all) => some.split('/').every((part) => all.split('/').includes(part));
  const found = cases.filter((name) =>
    only.split(',').some((each) => within(each, name) || within(name, each)),
  );
  if (found.length > 0) return found;
  throw new Error(`--only ${only}: there are ${cases.join(', ')}`);
}

/** The folder with the float table of so many rows, in that format: the same files for whoever takes part. */
async function floatsOf(python, shared, rows, format) {
  const folder = join(shared, `floats-${rows}-${format}`);
  const maker = join(peers, 'make_floats.py');
  if (!existsSync(folder)) await runProgram(python, [maker, folder, format, String(rows)]);
  return folder;
}

/** Where a peer leaves its outputs, its sessions and its results, so that they go with the bench's folder. */
const leavings = (folder) => ({ HOME: folder, TMPDIR: folder, RAY_TMPDIR: folder });

/** A peer's one JSON line, with what its process took. */
async function runPeer(python, script, args, env) {
  const given = [join(peers, script), ...args.map(String)];
  const { stdout, ...took } = await runProgram(python, given, { env });
  return { ...JSON.parse(stdout.trimEnd().split('\n').at(-1)), ...took };
}

/**
 * Runs each contender once, then each again the other way round, and so on: what the machine does meanwhile, it does to all.
 *
 * @param {readonly { name: string, run: (run: number) => Promise<object> }[]} contenders
 * @param {number} runs
 * @param {(line: string) => void} log
 */
async function interleave(contenders, runs, log) {
  const records = [];
  for (let run = 0; run < runs; run++) {
    for (const { name, run: work } of run % 2 === 0 ? contenders : contenders.toReversed()) {
      log(`run ${run + 1} of ${runs}: ${name} …`);
      records.push({ contender: name, run, ...(await work(run)) });
    }
  }
  return records;
}

/**
 * A trainer that reads a table once and then trains as often as it is asked: a line of JSON in, one out.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
export async function startTrainer(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${args[0]} ended with ${(await ended)[0]}`);
    return JSON.parse(value);
  };
  return {
    ready: await answer(),
    train: (job) => {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      return answer();
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
