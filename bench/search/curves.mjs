import { decide, History, rungsOf, schedulerFrom, stream } from '../../dist/bench/schedule.mjs';

/** What a trial is given at most. */
export const most = 81;

const space = Object.fromEntries(
  ['a', 'b', 'c'].map((name) => [name, { kind: 'float', low: 0, high: 1, log: false }]),
);

/**
 * A learning curve: from the loss of a trial that learned nothing, by a power of the resource that
 * differs from trial to trial, so that curves cross, to where its parameters lead; with noise.
 */
function lossAt(seed, { a, b, c }, trial, resource) {
  const end = 0.1 + Math.abs(a - 0.3) + 0.5 * (b - 0.7) ** 2 + 0.2 * Math.abs(c - 0.5);
  const power = 0.4 + 0.8 * stream(`${seed}/${trial}/power`)();
  return (
    end + (1 - 0.5 * end) * (1 + resource) ** -power + 0.01 * normalOf(`${seed}/${trial}/${resource}/noise`)
  );
}

/** That one in so many random trials reaches at the end, without its noise. */
export function targetOf(part) {
  const losses = Array.from({ length: 10_000 }, (_, trial) => {
    const next = stream(`target/${trial}`);
    return lossAt('target', { a: next(), b: next(), c: next() }, trial, most);
  });
  return losses.sort((a, b) => a - b)[Math.floor(part * losses.length)];
}

/**
 * Plays a study of random trials by lanes on a clock of its own, on which one unit of the resource takes a unit of time, times what is
 * drawn anew for each rung of each trial from a log-normal distribution: one in thirty takes above six times the median.
 *
 * @returns {{ events: { at: number, spent: number, loss: number, ended: boolean }[] }} In the order in which they were told; `spent`: of the
 *   resource, by all trials that were told.
 */
export function play(form, { seed, trials, lanes }) {
  const scheduler = schedulerFrom(form);
  const study = {
    trials,
    budget: 0,
    seed,
    space,
    sampler: { kind: 'random' },
    scheduler,
    direction: 'minimize',
    resource: 'units',
  };
  const history = new History();
  const running = [];
  const events = [];
  let idle = Array.from({ length: lanes }, (_, lane) => lane);
  for (let [now, spent] = [0, 0]; ; ) {
    idle = idle.filter((lane) => {
      const { kind, claim } = decide(study, history, { execution: 'e', lane }, now);
      if (kind !== 'claim') return true;
      history.add(claim);
      const rungs = rungsOf(scheduler, claim.trial);
      const gained = rungs[claim.rung] - (rungs[claim.rung - 1] ?? 0);
      const slow = Math.exp(normalOf(`${seed}/${claim.trial}/${rungs[claim.rung]}/duration`));
      running.push({ claim, lane, gained, at: now + gained * slow, resource: rungs[claim.rung] });
      return false;
    });
    if (running.length === 0) return { events };
    running.sort((a, b) => a.at - b.at || a.claim.number - b.claim.number);
    const { claim, lane, gained, at, resource } = running.shift();
    [now, spent] = [at, spent + gained];
    const loss = lossAt(seed, claim.params, claim.trial, resource);
    history.end(claim.number, {
      ...claim,
      outcome: { kind: 'reported', value: loss, metrics: {} },
      startedAt: claim.at,
    });
    events.push({ at, spent, loss, ended: resource === most });
    idle = [...idle, lane].sort((a, b) => a - b);
  }
}

function normalOf(key) {
  const next = stream(key);
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
