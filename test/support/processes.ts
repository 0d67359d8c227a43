import { readdir, readFile } from 'node:fs/promises';

/** A child process and what it runs. */
export interface Child {
  readonly pid: number;
  readonly command: string;
}

/** The living children of a process, by Linux's /proc. */
export async function childrenOf(parent: number): Promise<Child[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => childOf(parent, pid)));
  return found.filter((child) => child !== undefined);
}

/** The living processes whose arguments or environment name a folder, whoever their parent is. */
export async function processesAt(folder: string): Promise<Child[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command = '', env = ''] = await Promise.all(
        ['cmdline', 'environ'].map((file) => told(pid, file)),
      );
      return (command + env).includes(folder) && (await isAlive(pid)) ? [{ pid, command }] : [];
    }),
  );
  return found.flat();
}

/** A zombie, which only waits to be counted, is not alive. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await statOf(pid);
  return stat !== undefined && stat.state !== 'Z';
}

async function childOf(parent: number, pid: number): Promise<Child | undefined> {
  const stat = await statOf(pid);
  if (stat?.parent !== parent || stat.state === 'Z') return undefined;
  return { pid, command: await told(pid, 'cmdline') };
}

const told = async (pid: number, file: string): Promise<string> =>
  (await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')).replaceAll('\0', ' ');

/** Fields 3 and 4 of proc(5), behind the command's name, which ends with the last parenthesis. */
async function statOf(pid: number): Promise<{ readonly state: string; readonly parent: number } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const [state, parent] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === undefined ? undefined : { state, parent: Number(parent) };
}
