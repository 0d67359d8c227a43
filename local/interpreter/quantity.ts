import { runtimeError } from './errors.ts';
import { valueAt } from './expression.ts';
import type { Quantity } from './flow.ts';
import type { Scope } from './json-path.ts';

/** The number; one that the input holds must be within the same range as a fixed one. */
export function quantityOf(
  quantity: Quantity,
  scope: Scope,
  range: { readonly least?: number; readonly most?: number; readonly whole?: boolean } = {},
): number {
  if (quantity.kind === 'fixed') return quantity.value;
  const { least = 0, most = 99_999_999, whole = true } = range;
  const value = valueAt(quantity.path, scope);
  if (typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))) {
    return value;
  }
  const allowed = `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`;
  throw runtimeError(`'${quantity.path.text}' must give ${allowed}, found ${JSON.stringify(value)}`);
}
