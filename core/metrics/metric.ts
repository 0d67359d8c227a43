/** A metric's value, or why there is none. */
export type Metric =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'undefined'; readonly reason: string };

export const valued = (value: number): Metric => ({ kind: 'value', value });
export const undefinedBy = (reason: string): Metric => ({ kind: 'undefined', reason });
