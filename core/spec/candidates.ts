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
  const options: Scalar[] = [...names];
  return { ...spec, tune: { ...spec.tune, space: { ...spec.tune.space, model: { ...model, options } } } };
}

const isStudy = (spec: Spec | PredictionSpec): spec is Spec =>
  'tune' in spec && (spec as Spec).tune?.trainable === 'onnx';
