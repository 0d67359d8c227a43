import { keys } from '../contracts/keys.ts';
import type { AskRequest } from '../contracts/requests.ts';
import { Claim, Study } from '../contracts/study.ts';
import { decide } from '../search/next.ts';
import { readHistory, type Seen } from '../search/study-folder.ts';
import { encodeJson } from '../store.ts';
import { readObject } from './objects.ts';
import type { Ports } from './ports.ts';

const waitSeconds = 1;

/** What the lane is to do next. What must happen once is claimed; who comes second looks again. */
export async function ask({ study: id, ...asker }: AskRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const study = await readObject(store, keys.studyRecord(id), Study);
  const seen = await ports.warm.keep<Seen>('history', id, async () => new Map());
  for (;;) {
    const decision = decide(study, await readHistory(store, id, seen), asker, ports.now());
    switch (decision.kind) {
      case 'done':
        return { next: 'done' };
      case 'wait':
        return { next: 'wait', waitSeconds };
      case 'own':
        return { next: 'train', claim: claimKey(decision.claim) };
      case 'claim': {
        const key = claimKey(decision.claim);
        const put = await store.put(key, encodeJson(Claim.parse(decision.claim)), { kind: 'absent' });
        if (put === 'written') return { next: 'train', claim: key };
      }
    }
  }

  function claimKey({ trial, rung, attempt }: Claim): string {
    return keys.claim(id, trial, rung, attempt);
  }
}
