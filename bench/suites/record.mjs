import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fanfare, readTrials, spanOf, startMlflow, writeTrivialSpec } from '../fanfare.mjs';
import { reportOf } from '../report.mjs';

/** A trial's points: ten on its way, the last of them its value, and ten more metrics at its end. */
const points = 20;
const params = 10;

/**
 * What MLflow's record costs: a study of trials that do nothing, with a server over sqlite and without one. How long after the
 * study's last outcome MLflow has all of it, and what the processes of its lanes took.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const trials = bench.trials(1000);
  const contender = (name, recorded) => ({ name, run: () => runStudy(bench, trials, recorded) });
  const contenders = [
    contender('not recorded', false),
    ...(bench.mlflow ? [contender('recorded', true)] : []),
  ];
  const records = await bench.interleave(contenders, bench.runs(3));
  return reportOf(
    `record: ${trials} trials that do nothing, ${params} params and ${points} points each, two lanes`,
    records,
    [
      ['study s', 'studySeconds', 1],
      ['MLflow has all, s later', 'after', 1],
      ["lanes' CPU s", 'lanesCpu', 2],
      ["the recorder's CPU s", 'recorderCpu', 1],
    ],
  );
}

async function runStudy(bench, trials, recorded) {
  const home = join(bench.folder, 'home');
  const spec = await writeTrivialSpec(bench.folder, {
    ...{ name: 'ten-params', trainable: './ten-metrics.ts', trials, max: 10 },
    space: Object.fromEntries(Array.from({ length: params }, (_, at) => [`x${at}`, { low: 0, high: 1 }])),
  });
  const server = recorded ? await startMlflow(home) : undefined;
  try {
    const took = await fanfare(home, ['tune', spec, ...(recorded ? [] : ['--no-mlflow'])]);
    const { study } = took.document.tune;
    const found = await readTrials(home, study);
    const { to: last, seconds } = spanOf(found);
    if (server) await requireAll(server.uri, study, trials);
    const { brief = 0, train = 0, aggregate = 0 } = took.cpuOf;
    return {
      studySeconds: seconds,
      after: recorded ? (took.startedAt + took.seconds * 1000 - last) / 1000 : undefined,
      lanesCpu: brief + train,
      recorderCpu: recorded ? aggregate : undefined,
    };
  } finally {
    await server?.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Throws unless the server has every trial with all its params and points, each once, and all have ended. */
async function requireAll(uri, study, trials) {
  const post = async (path, body) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    return (await fetch(`${uri}/api/2.0/mlflow/${path}`, init)).json();
  };
  const experiment = await fetch(`${uri}/api/2.0/mlflow/experiments/get-by-name?experiment_name=ten-params`);
  const experiment_ids = [(await experiment.json()).experiment.experiment_id];
  const filter = `tags.\`fanfare.study\` = '${study}' AND tags.\`fanfare.kind\` = 'trial'`;
  const runs = [];
  for (let page_token; ; ) {
    const page = await post('runs/search', { experiment_ids, filter, max_results: 1000, page_token });
    runs.push(...(page.runs ?? []));
    page_token = page.next_page_token;
    if (!page_token) break;
  }
  const whole = runs.filter(
    ({ info, data }) =>
      info.status === 'FINISHED' &&
      data.params.length === params &&
      data.metrics.length === points - params + 1,
  );
  const run_id = runs[0]?.info.run_id;
  const history = await fetch(`${uri}/api/2.0/mlflow/metrics/get-history?run_id=${run_id}&metric_key=value`);
  const { metrics } = await history.json();
  if (runs.length === trials && whole.length === trials && metrics.length === points - 10) return;
  throw new Error(
    `MLflow has ${runs.length} runs of ${trials} trials, ${whole.length} of them whole, with ${metrics.length} values`,
  );
}
