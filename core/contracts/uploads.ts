import * as z from 'zod';
import { tableFormats } from '../tables/format.ts';
import type { FlowName } from './functions.ts';
import { Target } from './spec.ts';

/** Where people put what starts a flow. */
export const uploadsPrefix = 'uploads/';

/** Ends the key of the answer to an upload that could not be understood; it lies beside it and never starts anything. */
export const answerSuffix = '.error.json';

/**
 * Which flow a specification starts is said by its folder: `uploads/split/` and `uploads/predict/` hold those that are
 * only split, or predicted with; any other place means the whole pipeline.
 */
export const flowFolders: readonly (readonly [string, FlowName])[] = [
  [`${uploadsPrefix}split/`, 'split'],
  [`${uploadsPrefix}predict/`, 'predict'],
];

/** Lanes of a study that starts by upload and does not say how many: a person is not there to be asked. */
export const uploadedLanes = 10;

/** Of a specification; what is longer is none. */
export const specLimitBytes = 2 ** 20;

/** Tables that are uploaded below `prefix` are predicted with `model`. */
export const Binding = z.strictObject({
  /** Below `uploads/`, ending in `/`; of several that fit, the longest counts. */
  prefix: z.string().regex(/^uploads\/.+\/$/, 'a folder below uploads/, for instance uploads/churn/'),
  model: z.string().regex(/^models:\/[^/]+(@[^/]+|\/[0-9]+)$/, 'models:/name@alias or models:/name/3'),
  /** Of the predictions. */
  format: z.enum(tableFormats).default('parquet'),
  /** Columns carried along into the predictions: all where it is left out. */
  keep: z.array(z.string()).exactOptional(),
  /** The MLflow experiment that the prediction is recorded in; the folder's name where it is left out. */
  experiment: z.string().min(1).exactOptional(),
  /** Where the uploaded tables hold the truth already: scores are kept for an evaluation. */
  target: Target.exactOptional(),
});
export type Binding = z.infer<typeof Binding>;

/** `<key>.error.json`: why an upload started nothing. */
export interface UploadAnswer {
  readonly upload: string;
  readonly error: string;
  /** One line a mistake, with its place in the file where it has one. */
  readonly mistakes: readonly string[];
}
