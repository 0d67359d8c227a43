import type { Scalar } from '../contracts/names.ts';
import type { Dimension } from '../contracts/space.ts';
import type { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import { trainables } from './registered.ts';

/** Each parameter must be one of the trainable's, and both ends of its axis must be allowed; `InvalidSpec` otherwise. A user's takes any. */
export function requireSpace({ tune: { space, trainable: name } }: Spec): void {
  const trainable = trainables[name];
  if (trainable === undefined) return;
  const mistakes = Object.entries(space).flatMap(([parameter, dimension]) => {
    const bad = endsOf(dimension)
      .map((value) => ({
        value,
        issues: trainable.params.safeParse({ [parameter]: value }).error?.issues ?? [],
      }))
      .find(({ issues }) => issues.length > 0);
    return (bad?.issues ?? []).map(({ code, message }) =>
      code === 'unrecognized_keys'
        ? `tune.space.${parameter}: ${message}`
        : `tune.space.${parameter}: ${message} (given: ${bad?.value})`,
    );
  });
  if (mistakes.length > 0) throw new FanfareError('InvalidSpec', mistakes.join('\n'));
}

const endsOf = (dimension: Dimension): readonly Scalar[] =>
  dimension.kind === 'choice' ? dimension.options : [dimension.low, dimension.high];
