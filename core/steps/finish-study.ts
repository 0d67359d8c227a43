import { keys } from '../contracts/keys.ts';
import type { FinishStudyRequest } from '../contracts/requests.ts';
import type { Finished } from '../contracts/study.ts';
import { encodeJson } from '../store.ts';
import { messageOf } from './job.ts';
import type { Ports } from './ports.ts';

/** Marks that no lane of this execution is at work any more and, where they ended early, why. */
export async function finishStudy(
  { study, execution, error }: FinishStudyRequest,
  { store, now }: Ports,
): Promise<object> {
  const lost = error && `${error.Error}: ${messageOf(error.Cause ?? '')}`;
  const finished: Finished = { at: now(), lost };
  await store.put(keys.finished(study, execution), encodeJson(finished), { kind: 'absent' });
  return {};
}
