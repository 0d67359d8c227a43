import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import type { Outcome } from '../../../core/contracts/study.ts';
import type { History } from '../../../core/search/history.ts';
import { spansOf } from '../../../core/search/snapshots.ts';
import { readHistory, readLog } from '../../../core/search/study-folder.ts';
import { tell } from '../../../core/steps/tell.ts';
import type { ObjectStore } from '../../../core/store.ts';
import { type Crash, crashingStore } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { askAs, stepPorts } from '../../support/step-world.ts';
import { putStudy, studyOf } from '../../support/study-log.ts';

describe('the snapshots of so many claims', () => {
  test.each([
    [0, []],
    [7, []],
    [8, ['0-8']],
    [31, ['0-8', '8-16', '16-24']],
    [45, ['0-32', '32-40']],
    // Three of 8, of 32, of 128 and of 512.
    [8 * (3 + 4 * (3 + 4 * (3 + 4 * 3))), [...'123'].map((_, at) => `${512 * at}-${512 * at + 512}`)],
  ])('%i: the largest first', (claims, spans) => {
    expect(
      spansOf(claims)
        .map(({ from, to }) => `${from}-${to}`)
        .slice(0, Math.max(3, spans.length)),
    ).toEqual(spans);
  });

  test('are few, follow each other without a gap, and leave less than a smallest one', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300_000 }), (claims) => {
        const spans = spansOf(claims);
        expect(spans.length).toBeLessThanOrEqual(24);
        const ends = [0, ...spans.map(({ to }) => to)];
        expect(spans.map(({ from }) => from)).toEqual(ends.slice(0, -1));
        expect(claims - ends.at(-1)!).toBeLessThan(8);
      }),
    );
  });
});

const study = studyOf(60, { count: 2, race: true });

const outcomeOf = (trial: number, die: number): Outcome =>
  die === 0
    ? { kind: 'failed', error: 'E', cause: 'diverged' }
    : {
        ...{ kind: 'reported', value: ((trial * 7919) % 101) / 101, metrics: { loss: trial }, resource: 1 },
        ...{ reports: [{ step: 1, value: trial }], checkpoint: 'c', seconds: 1 },
        model: { digest: 'a'.repeat(64), key: 'm', size: 1 },
      };

/** All that decisions and tables are made of. */
const told = (history: History) => ({
  claims: history.claims,
  open: history.open,
  events: history.claims.map((claim) => (history.counts(claim) ? history.eventOf(claim) : 'superseded')),
  seen: history.claims.map((claim) => history.seenAt(claim)),
  rungs: study.scheduler.rungs.map((_, rung) => [...history.rung(rung)]),
});

/**
 * Three lanes, each a process of its own, do what the dice say, at once in each turn: ask, tell, or die and come back as another
 * execution; the write of that number, counted over all, fails.
 */
async function worked(dice: readonly (readonly number[])[], crash?: Crash): Promise<ObjectStore> {
  const store = memoryStore();
  await putStudy(store, study);
  const crashing = crashingStore(store, crash);
  let execution = 0;
  const lanes = [0, 1, 2].map(() => ({ ports: stepPorts(crashing, {}), claim: '', trial: 0 }));
  for (const turn of dice) {
    await Promise.allSettled(lanes.map((_, lane) => act(lane, turn[lane]!)));
  }
  return store;

  async function act(lane: number, die: number): Promise<void> {
    const own = lanes[lane]!;
    if (die === 12) {
      // The command is killed, and given again.
      execution += 1;
      for (const other of lanes.keys())
        lanes[other] = { ports: stepPorts(crashing, {}), claim: '', trial: 0 };
      return;
    }
    if (die === 11) own.ports = stepPorts(crashing, {});
    if (own.claim !== '') {
      await tell({ study: study.study, claim: own.claim, outcome: outcomeOf(own.trial, die) }, own.ports);
      own.claim = '';
      return;
    }
    const asked = await askAs(study.study, lane, own.ports, `e${execution}`);
    if (asked.next === 'train')
      Object.assign(own, { claim: asked.claim, trial: Number((asked as object as { trial: number }).trial) });
  }
}

const turns = fc.array(fc.tuple(...[0, 1, 2].map(() => fc.nat({ max: 12 }))), {
  minLength: 10,
  maxLength: 90,
});

test('what is read with snapshots is what the log says, whatever lanes do at once, and whichever write fails', async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(
      turns,
      fc.option(fc.record({ write: fc.nat({ max: 150 }), when: fc.constantFrom('before', 'after') })),
      async (dice, crash) => {
        const store = await worked(dice, (crash as Crash | null) ?? undefined);
        const log = await readLog(store, study.study);
        const history = await readHistory(store, study.study);
        expect(told(history)).toEqual(told(log));
        expect(history.snapshots).toBeGreaterThanOrEqual(log.claims.length - 64);
        most = Math.max(most, history.snapshots);
      },
    ),
    { numRuns: 60 },
  );
  expect(most).toBeGreaterThan(32);
});

test('where snapshots are gone, the log is read', async () => {
  const dice = Array.from({ length: 60 }, () => [5, 6, 7]);
  const store = await worked(dice);
  const before = told(await readHistory(store, study.study));
  await store.delete(keys.snapshot(study.study, 32, 64));
  expect((await readHistory(store, study.study)).claims.length).toBeGreaterThan(70);
  expect(told(await readHistory(store, study.study))).toEqual(before);
});

test('a snapshot is written once, whoever does; the mark alone is written over', async () => {
  const written = new Map<string, Set<string>>();
  const store = memoryStore();
  await putStudy(store, study);
  const watching: ObjectStore = {
    ...store,
    put: (key, body, condition) => {
      if (key.includes('/snapshots/'))
        written.set(key, (written.get(key) ?? new Set()).add(new TextDecoder().decode(body)));
      return store.put(key, body, condition);
    },
  };
  for (let claims = 0; claims < 70; claims++) {
    // Cold each time.
    const ports = stepPorts(watching, {});
    const asked = await askAs(study.study, 0, ports);
    if (asked.next !== 'train') break;
    await tell({ study: study.study, claim: asked.claim, outcome: outcomeOf(claims, 5) }, ports);
  }
  for (const [key, bodies] of written) if (!key.endsWith('latest.json')) expect(bodies.size).toBe(1);
  expect(written.size).toBeGreaterThan(8);
});
