import { keys } from '../contracts/keys.ts';
import type { AskRequest } from '../contracts/requests.ts';
import { Claim, claimsPerLane, Study } from '../contracts/study.ts';
import { decide } from '../search/next.ts';
import { readHistory, type Seen } from '../search/study-folder.ts';
import { encodeJson } from '../store.ts';
import { readObject } from './objects.ts';
import type { Ports } from './ports.ts';

/** A wait is a second, or a fiftieth of the time that has been waited for, at most so many seconds: long waits have few events. */
const longestWait = 300;

/** What the lane is to do next. What must happen once is claimed; who comes second looks again. `rest`: the lane has had its share. */
export async function ask({ study: id, ...asker }: AskRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const study = await readObject(store, keys.studyRecord(id), Study);
  const seen = await ports.warm.keep<Seen>('history', id, async () => new Map());
  for (;;) {
    const history = await readHistory(store, id, seen);
    const decision = decide(study, history, asker, ports.now());
    switch (decision.kind) {
      case 'done':
        return { next: 'done' };
      case 'wait':
        return { next: 'wait', waitSeconds: secondsAfter(ports.now() - decision.since) };
      case 'own':
        return { next: 'train', claim: claimKey(decision.claim) };
      case 'claim': {
        if (history.claims.filter(isOurs).length >= claimsPerLane) return { next: 'rest' };
        const key = claimKey(decision.claim);
        const put = await store.put(key, encodeJson(Claim.parse(decision.claim)), { kind: 'absent' });
        if (put === 'written') return { next: 'train', claim: key };
      }
    }
  }

  function isOurs(claim: Claim): boolean {
    return claim.execution === asker.execution && claim.lane === asker.lane;
  }

  function claimKey({ trial, rung, attempt }: Claim): string {
    return keys.claim(id, trial, rung, attempt);
  }
}

const secondsAfter = (ms: number): number => Math.min(longestWait, Math.max(1, Math.floor(ms / 50_000)));
