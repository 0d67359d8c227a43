import type { Scalar } from '../contracts/names.ts';
import type { PredictionSpec, Spec } from '../contracts/spec.ts';

/** The models that a study of `onnx` chooses from. */
export function candidatesOf(spec: Spec | PredictionSpec): readonly string[] {
  const model = isStudy(spec) ? spec.tune.space.model : undefined;
  return model?.kind === 'choice' ? model.options.map(String) : [];
}

/** The same specification with other names of these models, in their order. */
export function withCandidates<S extends Spec | PredictionSpec>(spec: S, names: readonly string[]): S {
  const model = isStudy(spec) ? spec.tune.space.model : undefined;
  if (!isStudy(spec) || model?.kind !== 'choice') return spec;
  const name = (given: Scalar): Scalar => names[model.options.indexOf(given)] ?? given;
  const { space, points } = spec.tune;
  const renamed = Object.entries(space).map(([parameter, dimension]) => {
    const { when } = dimension;
    const on = when?.model && { when: { ...when, model: when.model.map(name) } };
    return [parameter, { ...dimension, ...on }] as const;
  });
  return {
    ...spec,
    tune: {
      ...spec.tune,
      space: { ...Object.fromEntries(renamed), model: { ...model, options: model.options.map(name) } },
      ...(points && {
        points: points.map((point) => ('model' in point ? { ...point, model: name(point.model!) } : point)),
      }),
    },
  };
}

const isStudy = (spec: Spec | PredictionSpec): spec is Spec =>
  'tune' in spec && (spec as Spec).tune?.trainable === 'onnx';
