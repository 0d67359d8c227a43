import { metricNames } from '../contracts/metrics.ts';
import type { Evaluation, Prediction } from '../contracts/records.ts';
import type { ModelPart } from '../contracts/report.ts';
import type { ModelCard } from '../contracts/study.ts';
import type { Task } from '../contracts/task.ts';
import { Confusion, confidenceBins } from '../metrics/class-sums.ts';
import { histogram, meansByPrediction, precisionRecall, rocCurve } from '../metrics/curves.ts';
import { metricsFrom } from '../metrics/metrics.ts';
import type { Tally } from '../metrics/tally.ts';
import { inputText } from './input-text.ts';

export interface ModelRead {
  readonly prediction: Prediction;
  readonly task: Task;
  /** Of all of its rows that have a label. */
  readonly tally: Tally;
  readonly card: ModelCard | null;
  /** In which the prediction was the candidate's; null: there was none. */
  readonly evaluation: Evaluation | null;
}

/** More classes have no matrix, and more curves than these are not drawn. */
const most = { classes: 40, curves: 12 };

/** What a model's page shows. */
export function modelPart({ prediction, task, tally, card, evaluation }: ModelRead): ModelPart {
  const classes = task.kind === 'regression' ? [] : task.classes.map(String);
  const champion = evaluation?.champion;
  return {
    kind: 'model',
    model: prediction.model,
    prediction: prediction.prediction,
    rows: inputText(prediction),
    task: task.kind,
    classes,
    metrics: metricsFrom(tally, metricNames(task.kind)),
    champion: champion ? { model: champion.model, metrics: champion.metrics } : null,
    importance: importanceOf(card),
    facts: [
      ['model', prediction.model],
      ...(prediction.modelName === null ? [] : [['registered as', prediction.modelName] as const]),
      ['judged on', inputText(prediction)],
      ...(card?.trained ? [['trained on', card.trained.dataset] as const] : []),
      ...(card ? [['size', `${(card.size / 1000).toLocaleString('en-US')} kB`] as const] : []),
      ...(evaluation ? [['compared by', `${evaluation.metric}, margin ${evaluation.margin}`] as const] : []),
    ],
    ...(tally.kind === 'classes' ? ofClasses(tally, classes) : ofNumbers(tally)),
  };
}

function importanceOf(card: ModelCard | null): ModelPart['importance'] {
  const all = card?.importance ?? [];
  const total = all.reduce((sum, { gain }) => sum + gain, 0);
  return total > 0 ? all.map(({ feature, gain }) => ({ parameter: feature, share: gain / total })) : [];
}

type Shown = Pick<ModelPart, 'ranking' | 'calibration' | 'confusion' | 'errors'>;

function ofClasses(
  { sums, ranks, classes: count }: Extract<Tally, { kind: 'classes' }>,
  classes: readonly string[],
): Shown {
  const confusion = new Confusion(sums, count);
  const named = ranks.length === 1 ? classes.slice(1) : classes;
  return {
    ranking: ranks.slice(0, most.curves).map((counts, at) => ({
      name: named[at]!,
      roc: rocCurve(counts).map(([x, y]) => [short(x), short(y)]),
      precision: precisionRecall(counts).map(([x, y]) => [short(x), short(y)]),
    })),
    calibration: confidenceBins(sums, count).map(({ confidence, right, weight }) => [
      confidence,
      right,
      weight,
    ]),
    confusion:
      count > most.classes
        ? null
        : confusion.labels.map((label) =>
            confusion.labels.map((predicted) => confusion.of(label, predicted)),
          ),
    errors: [],
  };
}

const ofNumbers = ({ ranks: [errors, predicted] }: Extract<Tally, { kind: 'numbers' }>): Shown => ({
  ranking: [],
  calibration: predicted
    ? meansByPrediction(predicted, 20).map(({ predicted: expected, actual, weight }) => [
        expected,
        actual,
        weight,
      ])
    : [],
  confusion: null,
  errors: errors ? histogram(errors, 41) : [],
});

const short = (value: number): number => Number(value.toPrecision(5));
