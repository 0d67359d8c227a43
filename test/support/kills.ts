import { setTimeout as sleep } from 'node:timers/promises';
import { stream } from '../../core/chance.ts';
import { type Desk, documentOf, type Running } from './cli.ts';
import { childrenOf } from './processes.ts';

/** What SIGKILL hits: the command, one of its worker processes, or all of them at once. */
type Victim = 'command' | 'worker' | 'all';

export interface Killed {
  readonly victim: Victim;
  /** Milliseconds since the kill before it, or since the progress that came then. */
  readonly after: number;
}

/** A function that dies three times in a row is given up, on AWS as here: so many die between two deaths of the command. */
const mostWorkers = 2;
/** A worker notices that its command is gone when it has done what it is at. */
const orphanMs = 2000;

interface Kills {
  /** Draws the moments and the victims. */
  readonly seed: string;
  /** After so many it is left alone; Infinity where it is left out. */
  readonly most?: number;
  /** How much of the work is done for good, as the store tells: it rises. Asked for often. */
  progress(): Promise<number>;
  /**
   * Looks at the store after a kill; not while a worker that a killed command left behind may still be at the rung that
   * the next command has begun again.
   */
  seen(): Promise<void>;
}

/**
 * Runs a command to its end through SIGKILLs 100 to 900 ms apart, and gives a killed one again. Every second kill counts from
 * the next progress that is made, so that the work gets on however fast the machine is; half of these come at once, when what
 * was done for good is not acknowledged yet.
 */
export async function runThrough(
  desk: Desk,
  { args, env }: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> },
  { seed, most = Infinity, progress, seen }: Kills,
): Promise<{ readonly kills: readonly Killed[]; readonly document: unknown }> {
  const chance = stream(seed);
  const kills: Killed[] = [];
  let running = desk.start(args, env);
  let began = Date.now();
  let workers = 0;
  for (;;) {
    if (kills.length === most) return { kills, document: documentOf(await running.ended) };
    const [moment, atOnce] = [Math.round(100 + chance() * 800), chance() < 0.5];
    const victim = victimOf(chance(), workers < mostWorkers);
    const waits = kills.length % 2 === 1;
    if (waits) await nextProgress(running, progress);
    const after = waits && atOnce ? 0 : moment;
    if (after > 0) await Promise.race([sleep(after), running.ended]);
    const hit = await strike(running, victim, chance());
    if (hit === 'worker') {
      kills.push({ victim: hit, after });
      workers++;
      if (Date.now() - began > orphanMs) await seen();
      continue;
    }
    const { code, signal, stdout, stderr } = await running.ended;
    if (code === 0) return { kills, document: JSON.parse(stdout) };
    if (signal !== 'SIGKILL') throw new Error(`exit ${code} after ${JSON.stringify(kills)}: ${stderr}`);
    kills.push({ victim: hit, after });
    if (Date.now() - began > orphanMs) await seen();
    running = desk.start(args, env);
    began = Date.now();
    workers = 0;
  }
}

/** Or the command's end. */
async function nextProgress({ child }: Running, progress: () => Promise<number>): Promise<void> {
  const before = await progress();
  while (child.exitCode === null && child.signalCode === null && (await progress()) === before)
    await sleep(2);
}

const victimOf = (drawn: number, workersToo: boolean): Victim =>
  drawn < 0.5 && workersToo ? 'worker' : drawn < 0.75 ? 'command' : 'all';

/** Whom it hit: the command where there is no worker. */
async function strike({ child }: Running, victim: Victim, drawn: number): Promise<Victim> {
  const children = victim === 'command' ? [] : await childrenOf(child.pid ?? 0);
  // The bundler of a trainable is a child too, and no worker.
  const workers = children.filter(({ command }) => command.includes('worker.mjs'));
  const worker = workers[Math.floor(drawn * workers.length)];
  if (victim === 'worker' && worker && kill(worker.pid)) return 'worker';
  child.kill('SIGKILL');
  if (victim === 'all') for (const each of children) kill(each.pid);
  return victim === 'all' ? 'all' : 'command';
}

/** False where it is gone. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
