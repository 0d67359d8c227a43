import { keys } from '../contracts/keys.ts';
import type { StudyRequest } from '../contracts/requests.ts';
import { encodeJson } from '../store.ts';
import type { Ports } from './ports.ts';

/** Marks that no lane of this execution is at work any more. */
export async function finishStudy(
  { study, execution }: StudyRequest,
  { store, now }: Ports,
): Promise<object> {
  await store.put(keys.finished(study, execution), encodeJson({ at: now() }), { kind: 'absent' });
  return {};
}
