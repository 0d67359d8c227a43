// biome-ignore-all lint/performance/noBarrelFile: the package's entry point is one by its nature
export type { ColumnValues } from '../core/code/column-values.ts';
export type { Mapping, MappingContext } from '../core/code/mapping.ts';
export type { Rows } from '../core/code/rows.ts';
export type {
  TrainingReport,
  TrainingRows,
  TrainOptions,
  UserTrainable,
} from '../core/code/trainable.ts';
export type { DescribedColumn } from '../core/contracts/described.ts';
export { type ErrorName, FanfareError } from '../core/errors.ts';
export type { CompareDocument } from './compare.ts';
export { type Dataset, type DatasetPartition, openDataset } from './dataset.ts';
export { defineMapping, defineTrainable, GraphBuilder } from './define.ts';
export type { DescribeDocument } from './describe.ts';
export { type DoctorDocument, type DoctorOptions, doctor } from './doctor/doctor.ts';
export type {
  JobDocument,
  MapDocument,
  PipelineDocument,
  PredictDocument,
  SplitDocument,
  TuneDocument,
} from './documents.ts';
export type { ExportDocument, ExportFormat, ExportOptions } from './export.ts';
export { JobFailed } from './failure.ts';
export { type Fanfare, openFanfare } from './fanfare.ts';
export type { InitDocument, InitRequest } from './init.ts';
export type { DatasetEntry, ListDocument, PredictionEntry, StudyEntry } from './list.ts';
export type { PredictionInput, SpecInput } from './load-spec.ts';
export type { MapRequest } from './map.ts';
export type { FanfareOptions } from './open-desk.ts';
export type { Progress, ShardProgress, Stage, TrialProgress } from './progress.ts';
export type { ReplayDocument } from './replay.ts';
export type { ReportDocument } from './report.ts';
export type { RetryOptions } from './retry.ts';
export {
  type CompleteTrial,
  openSearch,
  type Search,
  type SearchOptions,
  type SearchTrial,
} from './search.ts';
export type { ShowDocument } from './show.ts';
export { type Axes, type Axis, choice, defineSpace, float, int, type TrialParams } from './space.ts';
export type { StatusDocument } from './status.ts';
export type { SyncDocument } from './sync.ts';
export type { Ui, UiOptions } from './ui/serve.ts';
export type { VerifyDocument } from './verify.ts';
