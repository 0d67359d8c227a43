import { groupsOf, propose, Space, stream } from '../../dist/bench/propose.mjs';

/** What samplers of ours are called by, and what a specification says of them. */
const samplers = {
  random: { kind: 'random' },
  sobol: { kind: 'sobol' },
  tpe: { kind: 'tpe', startup: 10, candidates: 24 },
  cmaes: { kind: 'cmaes' },
  gp: { kind: 'gp', startup: 10 },
};

/**
 * What each trial of a search was told and what it is worth without noise.
 *
 * @typedef {{ value: number, told: number }[]} Told
 * @typedef {import('./functions.mjs').functions[number]} Benchmark
 */

/** @type {(sampler: string, one: Benchmark, seed: number, trials: number) => Told} */
export function searchOurs(sampler, one, seed, trials) {
  const search = { seed, space: Space.parse(one.space), sampler: samplers[sampler], trials };
  const answer = valued(one, seed);
  const [told, observed] = [[], []];
  for (let number = 0; number < trials; number++) {
    const params = propose(search, number, observed);
    told.push(answer(params, number));
    observed.push({ number, params, state: { kind: 'value', rung: 0, losses: [told.at(-1).told] } });
  }
  return told;
}

/** The same by Optuna, which answers `optuna_search.py`'s lines. */
export async function searchOptuna(optuna, sampler, one, seed, trials) {
  const axes = groupsOf(Space.parse(one.space)).flatMap((group) => group.axes);
  const answer = valued(one, seed);
  const told = [];
  let line = await optuna.train({
    sampler,
    seed,
    trials,
    space: axes.map(({ name, dimension }) => [name, dimension]),
  });
  while (line.params) {
    told.push(answer(line.params, told.length));
    line = await optuna.train({ value: told.at(-1).told });
  }
  return told;
}

function valued({ of, noise = 0 }, seed) {
  return (params, trial) => {
    const value = of(params);
    const next = stream(`${seed}/${trial}/noise`);
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return { value, told: value + noise * normal };
  };
}

/** How far from the least value a search ends: at the trial that it would choose, by what it was told. */
export function regretOf({ least }, told) {
  const chosen = told.reduce((best, trial) => (trial.told < best.told ? trial : best));
  return chosen.value - least;
}
