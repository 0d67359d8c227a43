import { groupsOf, propose, Space, stream } from '../../dist/bench/propose.mjs';

/**
 * What each trial of a search was told and what it is worth without noise, in the order in which they ended.
 *
 * @typedef {{ value: number, told: number }[]} Told
 * @typedef {import('./functions.mjs').functions[number]} Benchmark
 *
 * A search that is asked and told from outside; of several objectives a loss each.
 * @typedef {{ ask: (number: number) => any, tell: (number: number, loss: number | number[]) => any }} Searcher
 */

/** Trials that have ended: evenly spread ones, each second one with half of its parameters from a good one. */
export function endedIn({ space, of }, count) {
  const search = { seed: 1, space: Space.parse(space), sampler: { kind: 'random' } };
  const [first] = Array.from({ length: 50 }, (_, k) => propose(search, count + k, [])).sort(
    (a, b) => of(a) - of(b),
  );
  return Array.from({ length: count }, (_, number) => {
    const drawn = propose(search, number, []);
    const params = Object.fromEntries(
      Object.entries(drawn).map(([name, value], k) => [name, (number + k) % 2 === 0 ? first[name] : value]),
    );
    return { params, value: of(params) };
  });
}

/** Of ours, by what a specification says of its sampler, where some trials have `ended`. */
export function oursFor(sampler, { space }, seed, ended = []) {
  const search = { seed, space: Space.parse(space), sampler };
  const observed = ended.map(({ params, value }, number) => ({
    number,
    params,
    state: { kind: 'value', rung: 0, losses: [value] },
  }));
  return {
    ask(number) {
      const before = process.cpuUsage();
      const params = propose(search, number, observed);
      const { user, system } = process.cpuUsage(before);
      observed.push({ number, params, state: { kind: 'running' } });
      return { params, cpu_s: (user + system) / 1e6 };
    },
    tell(number, loss) {
      observed[number] = { ...observed[number], state: { kind: 'value', rung: 0, losses: [loss].flat() } };
    },
  };
}

/** Of Optuna's, which answers `optuna_search.py`'s lines. */
export async function optunaFor(optuna, sampler, { space, reference = [0] }, seed, ended = []) {
  const axes = groupsOf(Space.parse(space)).flatMap((group) => group.axes);
  await optuna.train({
    begin: {
      sampler,
      seed,
      objectives: reference.length,
      space: axes.map(({ name, dimension }) => [name, dimension]),
    },
  });
  if (ended.length > 0) await optuna.train({ ended });
  return {
    async ask(number) {
      const { params, cpu_s } = await optuna.train({ ask: number });
      return { params, cpu_s };
    },
    tell: (number, value) => optuna.train({ tell: number, value }),
  };
}

/**
 * A search of so many trials by lanes that work at the same time on a clock of their own: trial k takes as long, drawn from a
 * log-normal distribution with one in thirty above six times the median, whoever proposes it. One lane: one after the other.
 *
 * @param {Searcher} searcher
 * @param {Benchmark} one
 */
export async function minimise(searcher, one, seed, trials, lanes = 1) {
  const answer = valued(one, seed);
  /** @type {{ number: number, at: number, value: number, told: number }[]} */
  const running = [];
  /** @type {Told} */
  const ended = [];
  let now = 0;
  const begin = async (number) => {
    const { params } = await searcher.ask(number);
    running.push({ number, at: now + durationOf(seed, number), ...answer(params, number) });
  };
  for (let number = 0; number < Math.min(lanes, trials); number++) await begin(number);
  for (let number = running.length; running.length > 0; number++) {
    running.sort((a, b) => a.at - b.at || a.number - b.number);
    const first = /** @type {(typeof running)[number]} */ (running.shift());
    now = first.at;
    await searcher.tell(first.number, first.told);
    ended.push({ value: first.value, told: first.told });
    if (number < trials) await begin(number);
  }
  return ended;
}

const durationOf = (seed, trial) => Math.exp(normalOf(`${seed}/${trial}/duration`));

function valued({ of, noise = 0 }, seed) {
  return (params, trial) => {
    const value = of(params);
    return { value, told: value + noise * normalOf(`${seed}/${trial}/noise`) };
  };
}

function normalOf(key) {
  const next = stream(key);
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** How far from the least value a search ends: at the trial that it would choose, by what it was told. */
export function regretOf({ least }, told) {
  const chosen = told.reduce((best, trial) => (trial.told < best.told ? trial : best));
  return chosen.value - least;
}
