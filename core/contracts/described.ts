import * as z from 'zod';
import { fieldTypes } from '../tables/batch.ts';

/** What a column is for: `feature` is what models see. */
const columnRoles = ['target', 'feature', 'id', 'weight', 'group', 'time', 'ignore'] as const;

/** A column as `fanfare describe` shows it. */
export const DescribedColumn = z.strictObject({
  name: z.string(),
  type: z.enum(fieldTypes),
  role: z.enum(columnRoles),
  /** Who says so: a key of the specification, or a rule and what it saw. */
  why: z.string(),
  /** The share of rows that have no value. */
  missing: z.number(),
  /** How many different values there are; null where that is not counted: of fractions beyond 2048. */
  distinct: z.strictObject({ count: z.int(), exact: z.boolean() }).nullable(),
  /** The least and the greatest finite number; times in milliseconds since 1970. */
  range: z.tuple([z.number(), z.number()]).nullable(),
  /** The most frequent words, with their rows. */
  top: z.array(z.tuple([z.string(), z.int()])),
  warnings: z.array(z.string()),
});
export type DescribedColumn = z.infer<typeof DescribedColumn>;

/** `datasets/<dataset>/described/<digest>.json`: the training side, as a specification of that digest sees it. */
export const Described = z.strictObject({
  rows: z.int(),
  columns: z.array(DescribedColumn),
});
export type Described = z.infer<typeof Described>;
