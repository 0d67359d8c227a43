import { chooseSampler, Space } from '../../dist/bench/propose.mjs';
import { digestOf } from './kept.mjs';
import { minimise, optunaFor, oursFor, regretOf } from './minimise.mjs';

/** What a specification says of each sampler of ours. */
const samplers = {
  random: { kind: 'random' },
  sobol: { kind: 'sobol' },
  tpe: { kind: 'tpe', startup: 10, candidates: 24 },
  cmaes: { kind: 'cmaes' },
  gp: { kind: 'gp', startup: 10 },
  auto: { kind: 'auto' },
};

/** What a study of so many trials would take. */
export const samplerOf = (name, { space }, trials) =>
  chooseSampler(samplers[name], Space.parse(space), trials);

/** The regret and the seconds an ask of one of ours. */
export async function searchOurs(name, one, seed, trials, lanes = 1) {
  const took = timed(oursFor(samplerOf(name, one, trials), one, seed));
  const told = await minimise(took.searcher, one, seed, trials, lanes);
  return { regret: regretOf(one, told), ask_s: took.seconds };
}

/** The same of one of Optuna's, from what was kept where it was. */
export function searchOptuna(optuna, kept, name, one, seed, trials, lanes = 1) {
  const key = [optuna.ready.optuna, name, one.name, digestOf(one), seed, trials, lanes].join('/');
  return kept(key, async () => {
    const took = timed(await optunaFor(optuna, name, one, seed));
    const told = await minimise(took.searcher, one, seed, trials, lanes);
    return { regret: regretOf(one, told), ask_s: took.seconds };
  });
}

/** A searcher that notes the processor seconds which each ask took. */
function timed({ ask, tell }) {
  const seconds = [];
  return {
    seconds,
    searcher: {
      tell,
      async ask(number) {
        const asked = await ask(number);
        seconds.push(Number(asked.cpu_s.toPrecision(4)));
        return asked;
      },
    },
  };
}
