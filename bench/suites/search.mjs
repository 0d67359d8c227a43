import { join } from 'node:path';
import { median } from '../report.mjs';
import { functions } from '../search/functions.mjs';
import { heldOut } from '../search/held-out.mjs';
import { compareRanks } from '../search/rank.mjs';

const ours = ['random', 'sobol', 'tpe', 'cmaes', 'gp', 'auto'];
const theirs = ['random', 'tpe', 'cmaes', 'gp'];
/** Those that take seconds a trial are given fewer. */
const fewer = { gp: 60 };
const sets = { test: functions, 'held-out': heldOut };

/**
 * How near to a function's least value a search comes, one trial after the other: the regret of the trial that it would choose.
 * What Optuna found is kept, and taken anew where the function or Optuna is another.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const { searchOptuna, searchOurs } = await import('../search/contenders.mjs');
  const { keptIn } = await import('../search/kept.mjs');
  const [seeds, trials] = [bench.runs(15), bench.trials(100)];
  const cases = Object.entries(sets).flatMap(([set, all]) =>
    all.map((one) => ({ name: `${set}/${one.name}`, set, one })),
  );
  const chosen = new Set(bench.only(cases.map(({ name }) => name)));
  const optuna = bench.peers ? await bench.startPeer('optuna_search.py', []) : undefined;
  const kept = keptIn(join(bench.results, 'search-peers.jsonl'));
  const countOf = (sampler) => Math.min(trials, fewer[sampler] ?? trials);
  const records = [];
  try {
    for (const { name, set, one } of cases.filter((each) => chosen.has(each.name))) {
      bench.log(`${name} …`);
      for (let seed = 0; seed < seeds; seed++) {
        const record = (contender, found) =>
          records.push({ contender, set, function: one.name, seed, ...found });
        for (const sampler of ours) record(sampler, await searchOurs(sampler, one, seed, countOf(sampler)));
        for (const sampler of optuna ? theirs : []) {
          record(`Optuna ${sampler}`, await searchOptuna(optuna, kept, sampler, one, seed, countOf(sampler)));
        }
      }
    }
  } finally {
    await optuna?.stop();
  }
  return Object.keys(sets).flatMap((set) => {
    const own = records.filter((record) => record.set === set);
    return own.length > 0
      ? [
          reportOf(
            own,
            `search, ${set} functions: ${trials} trials (gp: at most ${fewer.gp}), ${seeds} seeds`,
          ),
        ]
      : [];
  });
}

/** @param {any[]} records */
function reportOf(records, title) {
  const contenders = [...new Set(records.map(({ contender }) => contender))];
  const names = [...new Set(records.map((record) => record.function))];
  const of = (name, contender) =>
    records
      .filter((record) => record.function === name && record.contender === contender)
      .map(({ regret }) => regret);
  const peers = contenders.filter((contender) => contender.startsWith('Optuna'));
  return {
    title: `${title}, the median distance from the least value (quartiles)`,
    columns: ['', ...contenders],
    rows: names.map((name) => [name, ...contenders.map((contender) => quartiles(of(name, contender)))]),
    notes:
      peers.length === 0
        ? []
        : [
            ...ours.flatMap((sampler) => rankNote(names, sampler, `Optuna ${sampler}`, of)),
            ...['gp', 'auto'].map((sampler) => bestNote(names, sampler, peers, of)),
          ],
    records,
  };
}

/** Of a sampler and Optuna's of that name, by rank; nothing where Optuna has none. */
function rankNote(names, sampler, peer, of) {
  const met = names.filter((name) => of(name, peer).length > 0);
  if (met.length === 0) return [];
  const compared = met.map((name) => ({ name, ...compareRanks(of(name, sampler), of(name, peer)) }));
  const told = (worse) => {
    const those = compared.filter((each) => each.p < 0.05 && each.worse === worse);
    return `${those.length}${those.length > 0 ? ` (${those.map(({ name, p }) => `${name}, p ${p.toPrecision(1)}`).join('; ')})` : ''}`;
  };
  return [
    `${sampler} beside Optuna's at p < .05: better on ${told(false)}, worse on ${told(true)} of ${met.length}`,
  ];
}

function bestNote(names, sampler, peers, of) {
  const atLeast = names.filter((name) =>
    peers.every((peer) => median(of(name, sampler)) <= median(of(name, peer))),
  );
  const others = names.filter((name) => !atLeast.includes(name));
  return `${sampler}: the median at or better than the best of Optuna's on ${atLeast.length} of ${names.length}; not on ${others.join(', ') || 'none'}`;
}

function quartiles(values) {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 1) return sorted[0].toPrecision(3);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))].toPrecision(2);
  return `${median(sorted).toPrecision(3)} (${at(0.25)}–${at(0.75)})`;
}
