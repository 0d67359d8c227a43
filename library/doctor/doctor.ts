import { resolve } from 'node:path';
import type { Check } from './check.ts';
import { awsCloud, type Cloud, cloudChecks } from './cloud.ts';
import { homeCheck, type Machine, mlflowCheck, nodeCheck, onnxCheck, portCheck } from './machine.ts';
import { thisMachine } from './this-machine.ts';
import { trackingChecks } from './tracking.ts';

export interface DoctorOptions {
  readonly home?: string;
  /** AWS is looked at too. */
  readonly engine?: 'local' | 'aws';
  readonly stack?: string;
}

export interface DoctorDocument {
  readonly command: 'doctor';
  /** Nothing failed. */
  readonly well: boolean;
  readonly checks: readonly Check[];
}

interface Surroundings {
  readonly machine: Machine;
  readonly cloud: Cloud;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Looks at what jobs need: this machine, MLflow and, with `engine: 'aws'`, the account and its stack. Never throws for what it finds. */
export async function doctor(options: DoctorOptions = {}): Promise<DoctorDocument> {
  const cloud = awsCloud(process.env);
  try {
    return await examine(options, { machine: thisMachine, cloud, env: process.env });
  } finally {
    await cloud.close();
  }
}

export async function examine(
  { home = '.fanfare', engine = 'local', stack = 'Fanfare' }: DoctorOptions,
  { machine, cloud, env }: Surroundings,
): Promise<DoctorDocument> {
  const tracking = await trackingChecks(env);
  const checks = [
    nodeCheck(machine),
    await homeCheck(machine, resolve(home)),
    await onnxCheck(machine),
    // A server of one's own needs none of ours.
    ...(tracking.length > 0 ? tracking : [await mlflowCheck(machine), await portCheck(machine)]),
    ...(engine === 'aws' ? await cloudChecks(cloud, stack) : []),
  ];
  return { command: 'doctor', well: checks.every(({ state }) => state !== 'fail'), checks };
}
