import { describe, expect, test } from 'vitest';
import { field, never, runScripted, throwing, thrown } from '../support/scripted-flows.ts';

const claimOf = (payload: Parameters<typeof field>[0]) => field(payload, 'claim');

describe('a trial that fails', () => {
  test('is told with the name and the cause of its error, and the other trials go on', async () => {
    const ran = await runScripted('tune', (usual) => ({
      train(payload, world, signal) {
        if (claimOf(payload) === 'claim-1') throw thrown('TrainableFailed', 'auc is NaN');
        return usual.train!(payload, world, signal);
      },
    }));
    const cause = '{"errorType":"TrainableFailed","errorMessage":"auc is NaN","trace":[]}';
    expect(ran.calls('tell failed')).toEqual([
      { study: 's', claim: 'claim-1', outcome: { kind: 'failed', error: 'TrainableFailed', cause } },
    ]);
    expect(ran.calls('tell reported').map(claimOf).toSorted()).toEqual(['claim-0', 'claim-2']);
    expect(ran.output).toMatchObject({ model: 'sha256:m1' });
  });

  test('by hanging is given up after 960 seconds, and told', async () => {
    const ran = await runScripted('tune', (usual) => ({
      train: (payload, world, signal) =>
        (claimOf(payload) === 'claim-0' ? never : usual.train!)(payload, world, signal),
    }));
    expect(ran.calls('train').filter((payload) => claimOf(payload) === 'claim-0')).toHaveLength(1);
    expect(ran.calls('tell failed')).toMatchObject([
      { claim: 'claim-0', outcome: { error: 'States.Timeout' } },
    ]);
    const told = ran.engine.calls.find(
      ({ name, payload }) => name === 'tell' && claimOf(payload) === 'claim-0',
    );
    expect(told?.at).toBe(960);
    expect(ran.failure).toBeUndefined();
  });

  test('by the death of its worker is tried three times in all, and told', async () => {
    const ran = await runScripted('tune', () => ({ train: throwing('Runtime.ExitError', 'killed') }));
    const tries = (claim: string) => ran.calls('train').filter((payload) => claimOf(payload) === claim);
    expect(['claim-0', 'claim-1', 'claim-2'].map((claim) => tries(claim).length)).toEqual([3, 3, 3]);
    expect(ran.calls('tell failed')).toHaveLength(3);
  });

  test('only its first two workers is a trial like any other', async () => {
    let deaths = 0;
    const ran = await runScripted('tune', (usual) => ({
      train(payload, world, signal) {
        if (claimOf(payload) === 'claim-2' && deaths++ < 2) throw thrown('Runtime.ExitError', 'killed');
        return usual.train!(payload, world, signal);
      },
    }));
    expect(deaths).toBe(3);
    expect(ran.calls('tell failed')).toEqual([]);
    expect(ran.calls('tell reported')).toHaveLength(3);
  });
});

test('a rung longer than an invocation is trained on until it answers with its outcome', async () => {
  let invocations = 0;
  const ran = await runScripted('tune', (usual) => ({
    train: (payload, world, signal) =>
      claimOf(payload) === 'claim-1' && ++invocations < 4
        ? { next: 'continue' }
        : usual.train!(payload, world, signal),
  }));
  expect(invocations).toBe(4);
  expect(ran.calls('tell reported').map(claimOf).toSorted()).toEqual(['claim-0', 'claim-1', 'claim-2']);
});

describe('a lane that fails wholly', () => {
  test('is asked for again three times, and then ends the study early: others would wait for its claim', async () => {
    const ran = await runScripted('tune', (usual) => ({
      ask(payload, world, signal) {
        if (field(payload, 'lane') === 0) throw thrown('MissingInput', 'there is no object');
        return usual.ask!(payload, world, signal);
      },
      train: never,
    }));
    expect(ran.calls('ask').filter((payload) => field(payload, 'lane') === 0)).toHaveLength(4);
    expect(ran.calls('finish-study')).toMatchObject([
      { error: { Error: 'States.ExceedToleratedFailureThreshold' } },
    ]);
  });

  test('has the marker written by which the recorder ends, with the reason, and the study concluded', async () => {
    const ran = await runScripted('tune', () => ({ ask: throwing('MissingInput', 'there is no object') }));
    const [finished] = ran.calls('finish-study');
    expect(JSON.stringify(finished)).toContain('there is no object');
    expect(ran.failure).toBeUndefined();
    expect(ran.output).toMatchObject({ model: 'sha256:m1' });
  });
});

describe('the recorder', () => {
  const waits = (ran: Awaited<ReturnType<typeof runScripted>>) =>
    ran.calls('aggregate study').map((payload) => field(payload, 'waitSeconds'));
  const seconds = (ran: Awaited<ReturnType<typeof runScripted>>) =>
    ran.engine.calls.filter(({ payload }) => field(payload, 'kind') === 'study').map(({ at }) => at);
  /** A training that lasts, so that the recorder has something to wait for. */
  const slowly = (time: number) => (usual: Parameters<Parameters<typeof runScripted>[1] & object>[0]) => ({
    train: async (...call: Parameters<NonNullable<(typeof usual)[string]>>) => {
      await call[1].sleep(time * 1000, call[2]);
      return usual.train!(...call);
    },
  });

  test('looks every 5 seconds while MLflow answers, and ends with the lanes', async () => {
    const ran = await runScripted('tune', slowly(12));
    // Two lanes train two trials until 12 s; the third is trained until 24 s.
    expect(seconds(ran)).toEqual([0, 5, 10, 15, 20, 25, 30].slice(0, seconds(ran).length));
    expect(seconds(ran).at(-1)).toBeGreaterThanOrEqual(24);
    expect(new Set(waits(ran))).toEqual(new Set([5]));
  });

  test('waits ever longer while MLflow is away, as the aggregator says', async () => {
    // The lanes end at 200 s.
    const ran = await runScripted('tune', (usual) => ({
      ...slowly(100)(usual),
      'aggregate study': async (payload, world, signal) => ({
        ...(await (usual['aggregate study']!(payload, world, signal) as object)),
        recorded: false,
        waitSeconds: Math.min(60, 2 * Number(field(payload, 'waitSeconds'))),
      }),
    }));
    expect(waits(ran)).toEqual([5, 10, 20, 40, 60, 60, 60]);
    expect(seconds(ran)).toEqual([0, 10, 30, 70, 130, 190, 250]);
  });

  test('that fails leaves the lanes at work', async () => {
    const ran = await runScripted('tune', (usual) => ({
      ...slowly(60)(usual),
      'aggregate study': throwing('TypeError', 'x is not a function'),
    }));
    expect(ran.calls('aggregate study')).toHaveLength(1);
    expect(ran.calls('tell reported')).toHaveLength(3);
    expect(ran.calls('aggregate model')).toHaveLength(1);
    expect(ran.failure).toBeUndefined();
  });
});
