import * as z from 'zod';
import { keys } from '../../core/contracts/keys.ts';
import { Digest } from '../../core/contracts/names.ts';
import { Spec } from '../../core/contracts/spec.ts';
import { FanfareError } from '../../core/errors.ts';
import { decodeJson, type ObjectStore } from '../../core/store.ts';
import type { Job } from '../engine.ts';
import { findLastJob, jobOf } from '../last-job.ts';
import type { Executions } from './executions.ts';
import { stagesOf } from './follow.ts';
import { executionsOf } from './run-once.ts';

const Started = z.object({ spec: Digest, model: z.string().nullable().default(null) });

/**
 * What the latest execution of a specification's name did. The command that started it is kept beside it (`tune` is two
 * executions); an upload's is its flow.
 */
export async function lastJobOn(
  executions: Executions,
  store: ObjectStore,
  name: string,
): Promise<Job | undefined> {
  const [latest] = await executionsOf(executions, store, name, 'all');
  if (latest === undefined) return undefined;
  const { spec: digest, model } = Started.parse(latest.input);
  if (latest.flow === 'map') return jobOf(store, { command: 'map', spec: digest, model: null });
  const asked = await findLastJob(store, name);
  if (asked?.spec === digest && asked.command === 'predict') return jobOf(store, asked);
  const object = await store.get(keys.spec(digest));
  const spec = Spec.safeParse(object && decodeJson(object.body));
  if (!spec.success) {
    throw new FanfareError(
      'InvalidSpec',
      `${name} was started by the upload of a table (execution ${latest.name}), and has no whole specification; upload the table again`,
    );
  }
  return asked?.spec === digest && asked.command !== 'map'
    ? { command: asked.command, spec: spec.data, model: asked.model }
    : { command: latest.flow, spec: spec.data, model };
}

/** Stops what runs under that name, from the outside in: a pipeline first, so that it starts no further flow. */
export async function stopAll(
  executions: Executions,
  store: ObjectStore,
  name: string,
): Promise<readonly string[]> {
  const running = await executionsOf(executions, store, name, 'running');
  const stopped: string[] = [];
  for (const { flow, name: execution } of running) {
    await executions.stop(flow, execution, 'fanfare stop');
    stopped.push(`execution ${execution} of flow ${flow}`);
    // Step Functions stops what a flow nests as well as it can, an emulator not at all.
    for (const [stage, prefix] of stagesOf(flow)) {
      if (prefix === '') continue;
      const nested = await executions.describe(stage, `${prefix}${execution}`);
      if (nested?.state === 'running') await executions.stop(stage, nested.name, 'fanfare stop');
    }
  }
  return stopped;
}
