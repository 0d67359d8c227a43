import type { DriftRecord } from '../contracts/drift.ts';
import type { PredictReceipt, Reject } from '../contracts/job.ts';
import type { Prediction } from '../contracts/records.ts';
import type { PredictionDrift, PredictionPart } from '../contracts/report.ts';
import { inputText } from './input-text.ts';

export interface PredictionRead {
  readonly prediction: Prediction;
  readonly receipts: readonly PredictReceipt[];
  readonly drift: DriftRecord | null;
  /** The first of its rejects. */
  readonly rejects: readonly Reject[];
}

/** So many columns' distributions, so many rejects, and of each so much of its text. */
const most = { columns: 24, rejects: 50, text: 300 };

/** What a prediction's page shows. */
export function predictionPart({ prediction, receipts, drift, rejects }: PredictionRead): PredictionPart {
  const { rows, predicted, rejected, startedAt, committedAt, parts, fields, partitionBy } = prediction;
  const since = (at: number) => at - startedAt;
  return {
    kind: 'prediction',
    prediction: prediction.prediction,
    ...{ rows, predicted, rejected, began: startedAt, took: since(committedAt) },
    facts: [
      ['model', prediction.model],
      ...(prediction.modelName === null ? [] : [['registered as', prediction.modelName] as const]),
      ['predicts', inputText(prediction)],
      [
        'format',
        `${prediction.format}, ${parts.length} files${partitionBy ? `, in folders by ${partitionBy.name}` : ''}`,
      ],
      ['columns', fields.map(({ name }) => name).join(', ')],
      ['shards', String(receipts.length)],
    ],
    spans: receipts.flatMap(({ shard, work }) =>
      work.map((span) => ({ shard, from: since(span.startedAt), to: since(span.at), rows: span.rows })),
    ),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    drift: driftOf(prediction, drift),
    reasons: prediction.reasons,
    rejects: rejects.slice(0, most.rejects).map(({ file, row, column, reason, raw }) => ({
      ...{ file, row, column, reason },
      raw: raw.length > most.text ? `${raw.slice(0, most.text)} …` : raw,
    })),
  };
}

function driftOf({ drift: summary }: Prediction, drift: DriftRecord | null): PredictionDrift {
  if (summary.kind === 'unknown') return { kind: 'unknown', reason: summary.reason };
  if (!drift?.trained) return { kind: 'unknown', reason: 'drift.json is gone' };
  const { columns, scores, rows, trained } = drift;
  return {
    ...{ kind: 'compared', level: summary.level, rows, trained: trained.dataset, scores, of: columns.length },
    columns: columns.toSorted((a, b) => b.psi - a.psi).slice(0, most.columns),
  };
}
