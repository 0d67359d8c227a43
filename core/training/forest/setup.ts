import { FanfareError } from '../../errors.ts';
import type { Arena } from './arena.ts';
import type { ForestParams } from './params.ts';

/** What a run's trees have in common. */
export interface Setup {
  readonly params: ForestParams;
  readonly isEntropy: boolean;
  /** That a node draws. */
  readonly maxFeatures: number;
  /** What a training row counts; undefined where all count alike. */
  readonly weights: Float32Array | undefined;
}

/** `TrainableFailed` where the parameters do not go with the task. */
export function setUp({ manifest, train }: Arena, params: ForestParams): Setup {
  const { task, plan } = manifest;
  const isRegression = task.kind === 'regression';
  if (params.criterion !== undefined && (params.criterion === 'squared_error') !== isRegression) {
    const allowed = isRegression ? 'squared_error' : 'gini or entropy';
    throw new FanfareError(
      'TrainableFailed',
      `forest: criterion is ${params.criterion}; for a ${task.kind} target it is ${allowed}`,
    );
  }
  const share = params.max_features ?? (isRegression ? 1 : 'sqrt');
  const features = plan.features.length;
  const drawn = share === 'sqrt' ? Math.sqrt(features) : share * features;
  return {
    params,
    isEntropy: params.criterion === 'entropy',
    maxFeatures: Math.max(1, Math.floor(drawn)),
    weights: weightsOf(train, isRegression ? undefined : params.class_weight, manifest.train.classes.length),
  };
}

/** The rows' weights; `balanced`: times weight / (classes × weight of the class), as scikit-learn has it. */
function weightsOf(
  { labels, weights }: Arena['train'],
  classWeight: ForestParams['class_weight'] | undefined,
  classes: number,
): Float32Array | undefined {
  if (classWeight !== 'balanced') return weights && Float32Array.from(weights);
  const ofClass = new Float64Array(classes);
  for (const [row, label] of labels.entries()) ofClass[label]! += weights ? weights[row]! : 1;
  const whole = ofClass.reduce((sum, weight) => sum + weight, 0);
  const present = ofClass.filter((weight) => weight > 0).length;
  return Float32Array.from(
    labels,
    (label, row) => ((weights ? weights[row]! : 1) * whole) / (present * ofClass[label]!),
  );
}
