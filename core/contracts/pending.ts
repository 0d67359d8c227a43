import * as z from 'zod';
import { Identity } from './names.ts';

/** `pending/…`: a record that MLflow does not have yet. It goes when it is there. */
export const Pending = z.discriminatedUnion('kind', [
  /** A study, its trials and, once it is concluded, its model. */
  z.strictObject({ kind: z.literal('model'), study: Identity }),
  z.strictObject({ kind: z.literal('prediction'), prediction: Identity }),
  z.strictObject({ kind: z.literal('evaluation'), evaluation: Identity }),
]);
export type Pending = z.infer<typeof Pending>;
