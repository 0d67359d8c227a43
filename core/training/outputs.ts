import type { Scalar } from '../contracts/names.ts';
import type { Target } from '../contracts/spec.ts';
import type { Task } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import { type GraphBuilder, int } from '../onnx/graph.ts';
import { producer } from '../onnx/producer.ts';

/**
 * What the graph has come to. `probability`: of the second class, float [N], or of each of more classes, float [N, K].
 * `score`: log odds of the second class, float [N], or a score a class whose softmax is the probability, float [N, K].
 * Of a regression both are the number, float [N].
 */
export type Scored = { readonly probability: string } | { readonly score: string };

/**
 * Adds a model's outputs: `probability` float [N] or [N, K] and `label` [N] (int64, or string where the classes are strings),
 * which is the class above one half, or the first of the most probable; `prediction` float [N] of a regression.
 */
export function addOutputs(graph: GraphBuilder, task: Task, scored: Scored): void {
  switch (task.kind) {
    case 'regression':
      graph.output('prediction', 'float', 'score' in scored ? scored.score : scored.probability);
      return;
    case 'binary': {
      const probability = 'score' in scored ? graph.node('Sigmoid', [scored.score]) : scored.probability;
      graph.output('probability', 'float', probability);
      const place = graph.cast(graph.node('Greater', [probability, graph.scalar('float', 0.5)]), 'int64');
      addLabel(graph, task.classes, place);
      return;
    }
    case 'multiclass': {
      const probability =
        'score' in scored ? graph.node('Softmax', [scored.score], { axis: int(1) }) : scored.probability;
      graph.tensorOutput('probability', 'float', ['rows', task.classes.length], probability);
      addLabel(graph, task.classes, graph.node('ArgMax', [probability], { axis: int(1), keepdims: int(0) }));
      return;
    }
  }
}

function addLabel(graph: GraphBuilder, classes: readonly Scalar[], place: string): void {
  if (classes.every((each, at) => each === at)) {
    graph.output('label', 'int64', place);
    return;
  }
  const words = classes.every((each) => typeof each === 'string');
  const values = words
    ? graph.constant({ type: 'string', values: classes })
    : graph.constant({ type: 'int64', values: BigInt64Array.from(classes, (each) => BigInt(Number(each))) });
  graph.output('label', words ? 'string' : 'int64', graph.node('Gather', [values, place]));
}

/** What a model of ours says of itself. */
export const modelMetadata = (trainable: string, target: Target, task: Task): ReadonlyMap<string, string> =>
  new Map([
    ['fanfare.version', producer.version],
    ['fanfare.trainable', trainable],
    ['fanfare.target', JSON.stringify(target)],
    ['fanfare.task', task.kind],
    ...(task.kind === 'regression' ? [] : [['fanfare.classes', JSON.stringify(task.classes)] as const]),
  ]);

/** The names of what `addOutputs` adds. */
const outputNames = {
  binary: ['probability', 'label'],
  multiclass: ['probability', 'label'],
  regression: ['prediction'],
} as const satisfies Readonly<Record<Task['kind'], readonly string[]>>;

/** `InvalidSpec` where an input has the name of an output: a model has one name space for both. */
export function refuseOutputNames(inputs: readonly string[], task: Task): void {
  const names: readonly string[] = outputNames[task.kind];
  const taken = inputs.find((name) => names.includes(name));
  if (taken === undefined) return;
  throw new FanfareError(
    'InvalidSpec',
    `inputs: column "${taken}" has the name of a model output (${names.join(', ')}); rename it or leave it out`,
  );
}
