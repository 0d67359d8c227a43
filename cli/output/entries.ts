import type { DatasetEntry, PredictionEntry, StudyEntry } from '../../library/list.ts';
import { grid } from './grid.ts';
import { duration } from './live-line.ts';
import { count, decimals } from './print.ts';

/** `2026-11-26 14:03`, by the clock of whoever reads it. */
export const dateText = (at: number | undefined): string =>
  at === undefined ? '' : new Date(at).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });

/** `auc 0.8385 ± 0.0031, trial 19` */
export function bestText({ metric, best }: StudyEntry): string {
  if (best === undefined) return '';
  const spread = best.spread ? ` ± ${decimals(best.spread.std)}` : '';
  return `${metric} ${decimals(best.value)}${spread}, trial ${best.trial}`;
}

export const took = (startedAt: number, endedAt: number | undefined): string =>
  endedAt === undefined ? '' : duration((endedAt - startedAt) / 1000);

export const studyLines = (studies: readonly StudyEntry[]): string[] =>
  studies.length === 0
    ? []
    : grid(
        [
          ...[{ head: 'study' }, { head: 'state' }, { head: 'trials', right: true } as const],
          ...[
            { head: 'best', flexible: true } as const,
            { head: 'began' },
            { head: 'took', right: true } as const,
          ],
        ],
        studies.map((study) => [
          ...[study.study, study.state, `${study.trials.begun} of ${study.trials.budget}`, bestText(study)],
          ...[dateText(study.startedAt), took(study.startedAt, study.endedAt)],
        ]),
      );

export const predictionLines = (predictions: readonly PredictionEntry[]): string[] =>
  predictions.length === 0
    ? []
    : grid(
        [
          ...[{ head: 'prediction' }, { head: 'state' }, { head: 'rows', flexible: true } as const],
          ...[{ head: 'drift' }, { head: 'began' }, { head: 'took', right: true } as const],
        ],
        predictions.map((one) => [
          ...[one.prediction, one.state],
          ...(one.state === 'committed'
            ? [rowsText(one), one.drift ?? '', dateText(one.startedAt), took(one.startedAt, one.endedAt)]
            : ['', '', dateText(one.startedAt), '']),
        ]),
      );

type Committed = Extract<PredictionEntry, { state: 'committed' }>;

function rowsText({ rows, predicted, rejected, parent }: Committed): string {
  const left = rejected === 0 ? '' : `, ${count(rejected)} rejected`;
  const retried = parent === undefined ? '' : `; retries ${parent}`;
  return `${count(predicted)} of ${count(rows)} rows${left}${retried}`;
}

export const datasetLines = (datasets: readonly DatasetEntry[]): string[] =>
  datasets.length === 0
    ? []
    : grid(
        [
          ...[{ head: 'dataset' }, { head: 'state' }, { head: 'train', right: true } as const],
          ...[{ head: 'validation', right: true } as const, { head: 'test', right: true } as const],
          ...[{ head: 'columns', right: true } as const, { head: 'committed' }],
        ],
        datasets.map((one) =>
          one.state === 'committed'
            ? [
                ...[one.dataset, one.state, count(one.rows.train), count(one.rows.validation)],
                ...[count(one.rows.test), String(one.columns), dateText(one.endedAt)],
              ]
            : [one.dataset, one.state],
        ),
      );

/** Blocks with an empty line between those that hold something. */
export const paragraphs = (...blocks: readonly (readonly string[])[]): string[] =>
  blocks.filter((block) => block.length > 0).flatMap((block, at) => (at === 0 ? block : ['', ...block]));
