import { FanfareError } from '../../errors.ts';
import type { FeatureBins } from '../bins/bin-plan.ts';

/** A name as it is, or in double quotes where it holds a comma, a colon or quotes; a colon; 1 or -1. */
const constraint = /\s*(?:"((?:[^"\\]|\\.)*)"|([^",:][^,:]*?))\s*:\s*([+-]?1)\s*(?:,|$)/y;

/**
 * For each feature 1, -1 or 0: whether the prediction may only rise or fall with it. Undefined where none is given.
 * `TrainableFailed` for text that says something else, or a column that is not a number of the model's.
 */
export function monotoneOf(text: string, features: readonly FeatureBins[]): Int8Array | undefined {
  if (text.trim() === '') return undefined;
  const directions = new Int8Array(features.length);
  constraint.lastIndex = 0;
  while (constraint.lastIndex < text.length) {
    const rest = text.slice(constraint.lastIndex);
    const [, quoted, plain, direction] = constraint.exec(text) ?? [];
    const column = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
    if (column === undefined) {
      throw refused(
        `cannot be read at ${JSON.stringify(rest)}; write column: 1 or column: -1, with commas between`,
      );
    }
    const at = features.findIndex(({ feature }) => feature.kind === 'number' && feature.column === column);
    if (at < 0) throw refused(`"${column}" is no number among the inputs`);
    directions[at] = Number(direction);
  }
  return directions;
}

const refused = (why: string): FanfareError =>
  new FanfareError('TrainableFailed', `gbdt: monotone_constraints: ${why}`);
