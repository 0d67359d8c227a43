import type { Conclusion } from '../contracts/conclusion.ts';
import type { Study, Trial } from '../contracts/study.ts';
import { cell } from './markdown.ts';
import { plainKey } from './plain-texts.ts';
import type { StudyRuns } from './record-study.ts';
import { tag } from './tags.ts';

/** So many trials the note's table has, and so many its link compares: MLflow's page asks for each by itself. */
const noteRows = 10;
const compared = 30;

/** Markdown for the study's page: how far it is, the best trials, and links to where MLflow compares them. */
export function studyNote(
  study: Study,
  trials: readonly Trial[],
  conclusion: Conclusion | undefined,
  { experimentId, trialRuns }: Pick<StudyRuns, 'experimentId' | 'trialRuns'>,
): string {
  const front = conclusion?.front?.map(({ trial }) => trial) ?? [];
  const best = bestFirst(study, trials, front);
  const also = (study.also ?? []).map(({ metric }) => metric);
  const ended = trials.filter(({ state }) => state !== 'running' && state !== 'waiting').length;
  const runs = best.slice(0, compared).flatMap(({ trial }) => trialRuns[trial.number] ?? []);
  return [
    `**${conclusion === undefined ? 'Running' : 'Concluded'}**: ${ended} of ${study.trials} trials ended, proposed by ${study.sampler.kind}.${frontText(front)}`,
    '',
    ...(runs.length > 1 ? [linksOf(study, experimentId, runs), ''] : []),
    `| trial | ${[study.metric, ...also, study.resource].map(cell).join(' | ')} | state | params |`,
    `|---:|---:|${'---:|'.repeat(also.length)}---:|---|---|`,
    ...best.slice(0, noteRows).map((scored) => rowOf(scored, also, front)),
  ].join('\n');
}

type Scored = {
  readonly trial: Trial;
  readonly last: Trial['rungs'][number];
};

const frontText = (front: readonly number[]): string =>
  front.length === 0 ? '' : ` No other is better than ${front.length} of them.`;

/** Those of the front come first, in its order. */
function bestFirst(study: Study, trials: readonly Trial[], front: readonly number[]): Scored[] {
  const place = ({ trial }: Scored) => {
    const at = front.indexOf(trial.number);
    return at < 0 ? front.length : at;
  };
  const sign = study.direction === 'maximize' ? -1 : 1;
  return trials
    .flatMap((trial) => trial.rungs.slice(-1).map((last) => ({ trial, last })))
    .toSorted(
      (a, b) =>
        place(a) - place(b) ||
        sign * (a.last.outcome.value - b.last.outcome.value) ||
        a.trial.number - b.trial.number,
    );
}

function rowOf(
  { trial, last: { outcome, spread } }: Scored,
  also: readonly string[],
  front: readonly number[],
): string {
  const params = Object.entries(trial.params).map(([name, value]) => `${name} ${shortNumber(value)}`);
  const others = also.map((metric) => outcome.metrics[metric]?.toPrecision(6) ?? '–');
  const value = `${outcome.value.toFixed(5)}${spread ? ` ± ${spread.std.toFixed(5)}` : ''}`;
  const state = front.includes(trial.number) ? `${trial.state}, on the front` : trial.state;
  const cells = [trial.number, value, ...others, outcome.resource, state, cell(params.join(', '))];
  return `| ${cells.join(' | ')} |`;
}

/** Paths within MLflow's page, which is the same program at whatever address it is served. */
function linksOf({ study, metric, direction }: Study, experimentId: string, runs: readonly string[]): string {
  const query = (values: Readonly<Record<string, string>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("'", '%27')}`)
      .join('&');
  const workflowType = 'machine_learning';
  const experiments = JSON.stringify([experimentId]);
  const compare = `#/compare-runs?${query({ runs: JSON.stringify(runs), experiments, workflowType })}`;
  const searchFilter = `tags.\`${tag.study}\` = '${study}' and tags.\`${tag.kind}\` = 'trial'`;
  // In the order of their start MLflow would hide them behind the study.
  const order = {
    orderByKey: `metrics.\`${plainKey(metric)}\``,
    orderByAsc: String(direction === 'minimize'),
  };
  const charts = query({ searchFilter, ...order, compareRunsMode: 'CHART', workflowType });
  const all = `#/experiments/${experimentId}/runs?${charts}`;
  return `[Compare the best ${runs.length}](${compare}) side by side and in parallel coordinates · [all trials as charts](${all})`;
}

const shortNumber = (value: string | number | boolean): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
