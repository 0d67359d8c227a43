import type { Scalar } from '../../contracts/names.ts';
import type { Dimension } from '../../contracts/space.ts';
import type { Spec } from '../../contracts/spec.ts';
import { FanfareError } from '../../errors.ts';
import type { TrainingTable } from '../../training/trainable.ts';
import { type CandidatePorts, openCandidate } from './candidate.ts';
import { OnnxParams } from './params.ts';

/**
 * Before any trial of `onnx`: each candidate fits the table and its task, and each axis is one of its parameters. Throws as
 * `openCandidate`; `InvalidSpec` for the space.
 */
export async function requireCandidates(
  spec: Spec,
  table: TrainingTable,
  ports: CandidatePorts,
): Promise<void> {
  const { space } = spec.tune;
  const models = optionsOf(space.model);
  if (models.length === 0) {
    throw new FanfareError(
      'InvalidSpec',
      'tune.space.model: onnx needs the models that it chooses from: `model: [a.onnx, b.onnx]`',
    );
  }
  refuseParameters(spec, table);
  const columns = optionsOf(space.columns);
  for (const model of models)
    for (const each of columns.length > 0 ? columns : [undefined])
      await openCandidate(
        { model: String(model), ...(each !== undefined && { columns: String(each) }) },
        table,
        ports,
      );
}

const optionsOf = (dimension: Dimension | undefined): readonly Scalar[] =>
  dimension?.kind === 'choice' ? dimension.options : [];

function refuseParameters({ tune: { space } }: Spec, { task }: TrainingTable): void {
  const model = `sha256:${'0'.repeat(64)}`;
  for (const [name, dimension] of Object.entries(space)) {
    const ends = dimension.kind === 'choice' ? dimension.options : [dimension.low, dimension.high];
    for (const value of ends) {
      const [issue] = OnnxParams.safeParse({ model, [name]: value }).error?.issues ?? [];
      if (issue)
        throw new FanfareError('InvalidSpec', `tune.space.${name}: ${issue.message} (given: ${value})`);
    }
    const fits =
      name === 'threshold' ? ['binary'] : name === 'temperature' ? ['binary', 'multiclass'] : [task.kind];
    if (fits.includes(task.kind)) continue;
    throw new FanfareError(
      'InvalidSpec',
      `tune.space.${name}: it is for a ${fits.join(' or ')} target, and this one is ${task.kind}`,
    );
  }
}
