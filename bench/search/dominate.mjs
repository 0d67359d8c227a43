import { hypervolumeOf } from '../../dist/bench/propose.mjs';
import { digestOf } from './kept.mjs';
import { optunaFor, oursFor } from './minimise.mjs';

/** What a specification says of each sampler of ours. */
const samplers = {
  random: { kind: 'random' },
  nsga2: { kind: 'nsga2', population: 10 },
  tpe: { kind: 'tpe', startup: 10, candidates: 24 },
  gp: { kind: 'gp', startup: 10 },
};

/** The share of what the true front dominates that the trials of one of ours do. */
export function dominatedByOurs(name, one, seed, trials) {
  return dominated(oursFor(samplers[name], one, seed), one, trials);
}

/** The same of one of Optuna's, from what was kept where it was. */
export async function dominatedByOptuna(optuna, kept, name, one, seed, trials) {
  const { reference, volume } = one;
  const key = [optuna.ready.optuna, name, one.name, digestOf(one), ...reference, volume, seed, trials].join(
    '/',
  );
  const { share } = await kept(key, async () => ({
    share: await dominated(await optunaFor(optuna, name, one, seed), one, trials),
  }));
  return share;
}

/** One trial after the other. */
async function dominated(searcher, { of, reference, volume }, trials) {
  const losses = [];
  for (let number = 0; number < trials; number++) {
    losses.push(of((await searcher.ask(number)).params));
    await searcher.tell(number, losses.at(-1));
  }
  return hypervolumeOf(losses, reference) / volume;
}
