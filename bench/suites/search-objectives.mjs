import { join } from 'node:path';
import { median } from '../report.mjs';
import { functions } from '../search/objectives.mjs';
import { compareRanks } from '../search/rank.mjs';

const ours = ['random', 'nsga2', 'tpe', 'gp'];
const theirs = ['random', 'nsga2', 'tpe'];
/** What takes a while a trial is given fewer. */
const fewer = { gp: 60 };

/**
 * How much of what the true front dominates the trials of a search do, one after the other, of functions of several values.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const { dominatedByOptuna, dominatedByOurs } = await import('../search/dominate.mjs');
  const { keptIn } = await import('../search/kept.mjs');
  const [seeds, trials] = [bench.runs(15), bench.trials(200)];
  const chosen = new Set(bench.only(functions.map(({ name }) => name)));
  const optuna = bench.peers ? await bench.startPeer('optuna_search.py', []) : undefined;
  const kept = keptIn(join(bench.results, 'search-objectives-peers.jsonl'));
  const records = [];
  try {
    for (const one of functions.filter(({ name }) => chosen.has(name))) {
      bench.log(`${one.name} …`);
      for (let seed = 0; seed < seeds; seed++) {
        const record = (contender, share) => records.push({ contender, function: one.name, seed, share });
        for (const sampler of ours) {
          const count = Math.min(trials, fewer[sampler] ?? trials);
          record(sampler, await dominatedByOurs(sampler, one, seed, count));
        }
        for (const sampler of optuna ? theirs : [])
          record(`Optuna ${sampler}`, await dominatedByOptuna(optuna, kept, sampler, one, seed, trials));
      }
    }
  } finally {
    await optuna?.stop();
  }
  return reportOf(records, seeds, trials);
}

/** @param {any[]} records */
function reportOf(records, seeds, trials) {
  const contenders = [...new Set(records.map(({ contender }) => contender))];
  const names = [...new Set(records.map((record) => record.function))];
  const of = (name, contender) =>
    records
      .filter((record) => record.function === name && record.contender === contender)
      .map(({ share }) => share);
  const met = (sampler) => contenders.includes(`Optuna ${sampler}`);
  return {
    title: `search-objectives: ${trials} trials (gp: at most ${fewer.gp}), ${seeds} seeds, the median share of the true front's hypervolume (quartiles)`,
    columns: ['', ...contenders],
    rows: names.map((name) => [name, ...contenders.map((contender) => quartiles(of(name, contender)))]),
    notes: ours.filter(met).map((sampler) => rankNote(names, sampler, of)),
    records,
  };
}

/** Of a sampler and Optuna's of that name, by rank: what is missing of the front is to be small. */
function rankNote(names, sampler, of) {
  const missing = (name, contender) => of(name, contender).map((share) => 1 - share);
  const told = names.map((name) => {
    const { p, worse } = compareRanks(missing(name, sampler), missing(name, `Optuna ${sampler}`));
    return `${worse ? 'worse' : 'better'} on ${name} (p ${p.toPrecision(1)})`;
  });
  return `${sampler} beside Optuna's: ${told.join(', ')}`;
}

function quartiles(shares) {
  const sorted = shares.toSorted((a, b) => a - b);
  if (sorted.length === 1) return sorted[0].toFixed(3);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))].toFixed(3);
  return `${median(sorted).toFixed(3)} (${at(0.25)}–${at(0.75)})`;
}
