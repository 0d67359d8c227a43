import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTrainer } from '../bench.mjs';
import { figure, median, ours, timesOurs } from '../report.mjs';
import { forest } from '../training/forest.mjs';
import { gbdt } from '../training/gbdt.mjs';
import { linear } from '../training/linear.mjs';
import { mlp } from '../training/mlp.mjs';

/** A trainable of ours beside its peers; each has a file in bench/training. */
const trainees = { forest, gbdt, linear, mlp };

/**
 * @typedef {object} Trainee
 * @property {readonly { name: string, script: string }[]} peers Scripts in bench/peers that talk as training_table.py does.
 * @property {readonly Case[]} cases
 * @property {string} [driver] In bench/drivers; table-trainer where it is not given.
 *
 * @typedef {object} Case A table that make_training_table.py makes, and how it is trained on.
 * @property {string} name
 * @property {string} kind
 * @property {number} rows Of its train side.
 * @property {number} [features]
 * @property {'AUC' | 'accuracy' | 'RMSE'} score
 * @property {Record<string, unknown>} params By our names; a peer's script translates them.
 * @property {number} rounds
 * @property {string} [maker] In bench/peers; make_training_table.py where it is not given.
 */

const driverOf = (name) => fileURLToPath(new URL(`../../dist/bench/${name}.mjs`, import.meta.url));

/**
 * Processor seconds of training alone on one thread, and how good the model is, ours and the peers' at equal settings.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const names = Object.entries(trainees).flatMap(([of, { cases }]) =>
    cases.map(({ name }) => `${of}/${name}`),
  );
  const chosen = new Set(bench.only(names));
  const reports = [];
  for (const [name, trainee] of Object.entries(trainees)) {
    const cases = trainee.cases.filter((each) => chosen.has(`${name}/${each.name}`));
    if (cases.length > 0) reports.push(await compare(bench, name, { ...trainee, cases }));
  }
  return reports;
}

async function compare(bench, trainable, { peers, cases, driver = 'table-trainer' }) {
  const records = [];
  for (const one of cases) {
    bench.log(`${trainable}/${one.name} …`);
    const trained = await trainAll(bench, { trainable, driver: driverOf(driver) }, peers, one);
    records.push(...trained.map((record) => ({ ...record, case: one.name })));
  }
  const of = ({ name }) => records.filter((record) => record.case === name);
  const others = bench.peers ? peers.map(({ name }) => name) : [];
  return {
    title: `training: ${trainable}, one thread`,
    columns: [
      'table',
      ...[ours, ...others].map((name) => `${name} CPU s`),
      ...others.map((name) => `${ours} / ${name}`),
      ...[ours, ...others].map((name) => `${name} score`),
    ],
    rows: cases.map((one) => row(one, of(one), others)),
    notes: others.map((peer) => verdict(peer, cases, of)),
    records,
  };
}

async function trainAll(bench, { trainable, driver }, peers, one) {
  const { kind, rows: whole, features, params, rounds, maker = 'make_training_table.py' } = one;
  const rows = bench.rows(whole);
  const folder = join(bench.folder, [kind, rows, features ?? '', ...(one.maker ? ['parts'] : [])].join('-'));
  const size = features === undefined ? [] : [features];
  if (!existsSync(folder)) await bench.tool(maker, [folder, kind, rows, ...size]);
  const started = [];
  try {
    started.push({ name: ours, ...(await startTrainer(process.execPath, [driver, trainable, folder])) });
    for (const { name, script } of bench.peers ? peers : [])
      started.push({ name, ...(await bench.startPeer(script, [folder])) });
    const job = { params, rounds: bench.rounds(rounds) };
    const contenders = started.map(({ name, train, ready }) => ({
      name,
      run: async (seed) => ({ ...(await train({ ...job, seed })), prepare_cpu_s: ready.prepare_cpu_s }),
    }));
    return await bench.interleave(contenders, bench.runs(5));
  } finally {
    for (const { stop } of started) await stop();
  }
}

function row({ name, kind, score }, records, peers) {
  const of = (contender, key) => records.filter((one) => one.contender === contender).map((one) => one[key]);
  return [
    `${name} (${kind === name ? '' : `${kind}, `}${score})`,
    ...[ours, ...peers].map((contender) => figure(of(contender, 'train_cpu_s'), 2)),
    ...peers.map((peer) => figure(ratios(records, peer), 2)),
    ...[ours, ...peers].map((contender) => figure(of(contender, 'score'), 4)),
  ];
}

/** Our seconds as a share of the peer's, run by run. */
const ratios = (records, peer) => timesOurs(records, peer, 'train_cpu_s').map((times) => 1 / times);

function verdict(peer, cases, of) {
  const logs = cases.map((one) => Math.log(median(ratios(of(one), peer))));
  const mean = Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
  const worst = Math.max(...cases.map((one) => worse(one, of(one), peer)));
  const gap =
    worst > 0
      ? `the worst score is ${(worst * 100).toFixed(2)} % worse than its`
      : 'no score is worse than its';
  return `${peer}: the geometric mean of the time ratios is ${mean.toFixed(3)}; ${gap}.`;
}

/** By what share our median score is worse than the peer's; below 0 where it is better. */
function worse({ score }, records, peer) {
  const [own, other] = [ours, peer].map((name) =>
    median(records.filter(({ contender }) => contender === name).map((record) => record.score)),
  );
  return score === 'RMSE' ? own / other - 1 : 1 - own / other;
}
