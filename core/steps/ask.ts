import { keys } from '../contracts/keys.ts';
import { legOf } from '../contracts/names.ts';
import type { AskRequest } from '../contracts/requests.ts';
import { type Claim, claimsOfLane } from '../contracts/study.ts';
import { History } from '../search/history.ts';
import { decide } from '../search/next.ts';
import { withPrior } from '../search/prior.ts';
import { writeSnapshots } from '../search/snapshots.ts';
import { readHistory, readStudy, withStop } from '../search/study-folder.ts';
import { encodeJson } from '../store.ts';
import type { Ports } from './ports.ts';

/** A wait is a second, or a fiftieth of the time that has been waited for, at most so many seconds: long waits have few events. */
const longestWait = 300;

/** What the lane is to do next. What must happen once is claimed; who comes second looks again. `rest`: the lane has had its share. */
export async function ask({ study: id, ...asker }: AskRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  // An execution's budget was written before its lanes began.
  const known = await ports.warm.keep('study', `${id} ${asker.execution}`, async () =>
    withPrior(store, await readStudy(store, id)),
  );
  const history = await ports.warm.keep('history', id, async () => new History());
  for (;;) {
    const [study] = await Promise.all([withStop(store, known), readHistory(store, id, history)]);
    const decision = decide(study, history, asker, ports.now());
    switch (decision.kind) {
      case 'done':
        return { next: 'done' };
      case 'wait':
        return { next: 'wait', waitSeconds: secondsAfter(ports.now() - decision.since) };
      case 'stop':
        await store.put(keys.stop(id, study.budget), encodeJson(decision.stop), { kind: 'absent' });
        break;
      case 'own':
        return toTrain(decision.claim);
      case 'claim': {
        if (history.claims.filter(isOurs).length >= claimsOfLane(study)) return { next: 'rest' };
        const key = keys.claim(id, decision.claim.number);
        const put = await store.put(key, encodeJson(decision.claim), { kind: 'absent' });
        if (put === 'exists') break;
        history.add(decision.claim);
        await writeSnapshots(store, id, history);
        return toTrain(decision.claim);
      }
    }
  }

  function isOurs(claim: Claim): boolean {
    return claim.execution === asker.execution && claim.lane === asker.lane;
  }

  function toTrain(claim: Claim): object {
    return { next: 'train', claim: keys.claim(id, claim.number), ...legOf(claim), attempt: claim.attempt };
  }
}

const secondsAfter = (ms: number): number => Math.min(longestWait, Math.max(1, Math.floor(ms / 50_000)));
