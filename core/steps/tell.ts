import { keys } from '../contracts/keys.ts';
import { legOf } from '../contracts/names.ts';
import type { TellRequest } from '../contracts/requests.ts';
import { Claim, type Outcome, StudyEvent } from '../contracts/study.ts';
import { messageOf } from './job.ts';
import { readObject, writeFirst } from './objects.ts';
import type { Ports } from './ports.ts';

/** Writes how a claim ended, and answers with what it was about. Told twice, the first counts. */
export async function tell({ study, claim: key, outcome }: TellRequest, ports: Ports): Promise<object> {
  const claim = await readObject(ports.store, key, Claim);
  const { attempt, params } = claim;
  const leg = legOf(claim);
  const event: StudyEvent = {
    ...leg,
    attempt,
    params,
    outcome: readable(outcome),
    startedAt: claim.at,
    at: ports.now(),
  };
  await writeFirst(ports.store, keys.event(study, claim.number), event, StudyEvent);
  return { ...leg, attempt };
}

const readable = (outcome: Outcome): Outcome =>
  outcome.kind === 'failed' ? { ...outcome, cause: messageOf(outcome.cause).slice(0, 2000) } : outcome;
