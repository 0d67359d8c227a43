import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * How often processes are looked at: what one does between the last look and its end is not counted. A look takes a few
 * milliseconds, whoever is measured.
 */
const lookMs = 200;

/** Processor time in /proc is counted in hundredths of a second (proc(5), USER_HZ). */
const ticksPerSecond = 100;

/** Of memory in /proc, as on x86-64 and most of arm64. */
const pageBytes = 4096;

/**
 * Runs a program to its end. Where it fails, so does this, with the end of what it said.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, besides?: readonly number[] }} [options] `besides`: processes that work for it and
 *   run already; they and what they started count from now on.
 * @returns {Promise<{ stdout: string, startedAt: number, seconds: number, cpuSeconds: number | undefined, peakMiB: number | undefined, cpuOf: Record<string, number> }>}
 *   The clock's seconds, the processor's of the whole tree of processes, and the most memory that all of them together were
 *   seen to hold, pages that they share counted once for each (both undefined where there is no /proc); `cpuOf`: the
 *   processor's seconds of the processes of each function of ours, those that are short together as `brief`.
 */
export async function runProgram(command, args, { env = {}, besides = [] } = {}) {
  const startedAt = Date.now();
  const began = performance.now();
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const followed = followTrees([child.pid, ...besides]);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
  const code = await new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('close', (status, signal) => ended(status ?? signal));
  }).finally(() => followed.stop());
  const seconds = (performance.now() - began) / 1000;
  if (code === 0) return { stdout: said.stdout, startedAt, seconds, ...followed.took() };
  const last = (said.stderr || said.stdout).trimEnd().split('\n').slice(-15).join('\n');
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${last}`);
}

/**
 * Counts the processor time that processes and all their descendants take from now on, orphans included, and their memory.
 *
 * @param {readonly (number | undefined)[]} roots
 */
function followTrees(roots) {
  const family = new Map();
  let peakMiB = 0;
  const look = (begin) => {
    const living = readProcesses();
    const belongs = (one) =>
      one !== undefined && (roots.includes(one.pid) || family.has(one.id) || belongs(living.get(one.parent)));
    const members = [...living.values()].filter(belongs);
    for (const one of members) {
      const known = family.get(one.id);
      const before = known?.before ?? (begin ? one.ticks : 0);
      family.set(one.id, { before, ticks: one.ticks, function: known?.function ?? functionOf(one.pid) });
    }
    peakMiB = Math.max(
      peakMiB,
      members.reduce((sum, { residentMiB }) => sum + residentMiB, 0),
    );
  };
  look(true);
  const timer = setInterval(look, lookMs, false);
  return {
    stop: () => clearInterval(timer),
    took: () => {
      if (family.size === 0) return { cpuSeconds: undefined, peakMiB: undefined, cpuOf: {} };
      const ticks = (members) =>
        members.reduce((sum, one) => sum + one.ticks - one.before, 0) / ticksPerSecond;
      const all = [...family.values()];
      const functions = new Set(all.flatMap((one) => (one.function ? [one.function] : [])));
      const own = (name) => [name, ticks(all.filter((one) => one.function === name))];
      return { cpuSeconds: ticks(all), peakMiB, cpuOf: Object.fromEntries([...functions].map(own)) };
    },
  };
}

/** Which function's the process is, where it is one of ours: it stands behind the worker's path. Undefined for any other. */
function functionOf(pid) {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const at = words.findIndex((word) => word.endsWith('/local/worker.mjs'));
    return at < 0 ? undefined : words[at + 1]?.replace(/^.*\/|\.mjs$/g, '');
  } catch {
    return undefined;
  }
}

/** Every living process by its number; `id` tells it from another that had the number before. Empty where there is no /proc. */
function readProcesses() {
  const found = new Map();
  for (const name of readNames('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // Fields 3 and later of proc(5) stand behind the command's name, which ends with the last parenthesis.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [parent, user, system, started, pages] = [1, 11, 12, 19, 21].map((at) => Number(fields[at]));
      const pid = Number(name);
      const residentMiB = (pages * pageBytes) / 2 ** 20;
      found.set(pid, { pid, parent, id: `${pid}/${started}`, ticks: user + system, residentMiB });
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

function readNames(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
