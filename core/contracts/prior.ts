import * as z from 'zod';
import { Identity, Params } from './names.ts';

/** A trial of another study. */
export const PriorTrial = z.strictObject({
  params: Params,
  /** One an objective, each to be made small. */
  losses: z.array(z.number()).min(1),
  /** So many rungs below the last did it end. */
  below: z.int().min(0),
});
export type PriorTrial = z.infer<typeof PriorTrial>;

/** Why trials were not taken, and how many. */
const LeftOut = z.strictObject({ why: z.string(), trials: z.int().min(1) });
export type LeftOut = z.infer<typeof LeftOut>;

const source = {
  study: Identity,
  /** It trained the same on the same data: its losses are comparable. Otherwise only their order is heeded. */
  alike: z.boolean(),
  leftOut: z.array(LeftOut),
};

/** `studies/<study>/prior.json`: what its samplers are shown of other studies. Never changes once it is written. */
export const Prior = z.strictObject({
  sources: z.array(z.strictObject({ ...source, trials: z.array(PriorTrial).min(1) })),
});
export type Prior = z.infer<typeof Prior>;

/** The same with how many trials there are. */
export const PriorSource = z.strictObject({ ...source, trials: z.int().min(1) });
export type PriorSource = z.infer<typeof PriorSource>;
