import { readFile } from 'node:fs/promises';

/** Resident memory now, and the most there ever was, of a process on Linux; undefined elsewhere and once it is gone. */
export async function residentMiB(
  pid: number,
): Promise<{ readonly now: number; readonly peak: number } | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = (name: string) => new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  const [now, peak] = [kibibytes('VmRSS'), kibibytes('VmHWM')];
  return now && peak ? { now: Number(now) / 1024, peak: Number(peak) / 1024 } : undefined;
}
