import * as z from 'zod';
import type { Profile } from '../tables/profile.ts';
import { Digest, Identity } from './names.ts';

const count = z.int().min(0);

/** How the rows of a column fall into bins, and what the bins are. */
export const ColumnBins = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('numbers'),
    name: z.string(),
    /** Ascending: bin k holds `edges[k - 1] <= x < edges[k]`; there are `edges.length + 1` of them, from `min` to `max`. */
    edges: z.array(z.number()).max(9),
    counts: z.array(count),
    /** Null where no value is finite. */
    min: z.number().nullable(),
    max: z.number().nullable(),
    /** Whether its values are of single precision: then those of double precision are rounded before they are counted. */
    single: z.boolean(),
    infinite: count,
    missing: count,
  }),
  z.strictObject({
    kind: z.literal('categories'),
    name: z.string(),
    /** The most frequent ones. */
    words: z.array(z.string()).max(20),
    counts: z.array(count),
    /** Rows of any other word. */
    others: count,
    /** The other words; null where they are too many to be told, so that none is known to be new. */
    rest: z.array(z.string()).nullable(),
    missing: count,
  }),
]);
export type ColumnBins = z.infer<typeof ColumnBins>;

/** `models/<digest>.profile.json`: what the model was trained on, as far as new rows are compared with it. */
export const ModelProfile = z.strictObject({
  dataset: Identity,
  /** Of `datasets/<dataset>/profile.json`. */
  profile: Digest,
  /** The training side's, a column that the model takes each. */
  columns: z.array(ColumnBins),
  /** Of what the model gives for the validation rows. */
  scores: z.array(ColumnBins),
});
export type ModelProfile = z.infer<typeof ModelProfile>;

/** Which rows of a job are looked at, as shares of all: those that are counted into bins and, among them, those that are profiled. */
export const DriftSample = z.strictObject({ counted: z.number(), profiled: z.number() });
export type DriftSample = z.infer<typeof DriftSample>;

/** `predictions/<prediction>/drift/<shard>.json`: sketches of a shard, which add up to those of the job. */
export const ShardDrift = z.strictObject({
  rows: count,
  /** By the bins of the model's columns, then of its scores (`core/drift/count-bins.ts`); null: the model has no profile. */
  counts: z.array(z.array(count)).nullable(),
  /** The model's inputs, then its scores; null where no row was sampled. */
  profile: z.custom<Profile>((value) => typeof value === 'object' && value !== null).nullable(),
  /** How many of its columns are inputs. */
  inputs: count,
});
export type ShardDrift = z.infer<typeof ShardDrift>;

export const driftLevels = ['stable', 'moderate', 'major'] as const;
export const DriftLevel = z.enum(driftLevels);
export type DriftLevel = z.infer<typeof DriftLevel>;

const judged = { name: z.string(), psi: z.number(), level: DriftLevel };

export const ColumnDrift = z.strictObject({
  ...judged,
  /** What sampling alone exceeds in one column of a thousand. */
  noise: z.number(),
  /** Shares of the rows. */
  missing: z.strictObject({ expected: z.number(), actual: z.number() }),
  /** The share of the rows whose value is none of training's: out of its range, or a new word; null where that is not known. */
  unseen: z.number().nullable(),
  bins: z.array(z.strictObject({ bin: z.string(), expected: count, actual: count })),
});
export type ColumnDrift = z.infer<typeof ColumnDrift>;

/** `predictions/<prediction>/drift.json`. */
export const DriftRecord = z.strictObject({
  prediction: Identity,
  model: Digest,
  /** How many rows were counted into bins. */
  rows: count,
  /** What it was compared with; null where the model has no profile. */
  trained: z.strictObject({ dataset: Identity, profile: Digest }).nullable(),
  columns: z.array(ColumnDrift),
  scores: z.array(ColumnDrift),
  /** Of the rows themselves, so that another job can be compared with this one. */
  own: z.strictObject({ rows: count, columns: z.array(ColumnBins), scores: z.array(ColumnBins) }),
});
export type DriftRecord = z.infer<typeof DriftRecord>;

const JudgedColumn = z.strictObject(judged);

/** A file that the manifest vouches for. */
const file = z.strictObject({ key: z.string(), rows: z.int(), bytes: z.int(), sha256: Digest });

/** What a manifest says of it. */
export const DriftSummary = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('compared'),
    /** The worst of all columns and scores. */
    level: DriftLevel,
    columns: count,
    moderate: count,
    major: count,
    /** By index, the highest first; 50 at most. */
    worst: z.array(JudgedColumn),
    scores: z.array(JudgedColumn),
    /** How many rows were counted. */
    rows: count,
    file,
  }),
  z.strictObject({ kind: z.literal('unknown'), reason: z.string(), file: file.nullable() }),
]);
export type DriftSummary = z.infer<typeof DriftSummary>;
