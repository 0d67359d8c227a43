/** What the records need of MLflow. The adapter speaks REST; a fake in `test/support` has MLflow's traps. */
export type Tracker = RunStore & ModelStore & Registry;

export type Texts = Readonly<Record<string, string>>;

/**
 * Runs, and what is logged to them. Creating is not idempotent: a run is looked for by its tags first.
 * MLflow answers 400 above the limits of `batches.ts`, for a param logged with another value, and for a model linked twice.
 */
export interface RunStore {
  /** The experiment's id; it is made if there is none, and restored if it was deleted. */
  experiment(name: string): Promise<string>;
  /** All runs of the experiment that hold these tags and were not deleted, the oldest first. */
  searchRuns(experimentId: string, tags: Texts): Promise<readonly Run[]>;
  /** The ids of the models that a run took and gave; a search does not tell. */
  linkedModels(
    runId: string,
  ): Promise<{ readonly inputs: readonly string[]; readonly outputs: readonly string[] }>;
  createRun(run: NewRun): Promise<Run>;
  /** Two metrics are one where key, timestamp, step and value agree. */
  logBatch(runId: string, batch: LogBatch): Promise<void>;
  logInputs(
    runId: string,
    inputs: { datasets: readonly DatasetInput[]; models: readonly string[] },
  ): Promise<void>;
  logOutputs(runId: string, models: readonly string[]): Promise<void>;
  updateRun(runId: string, status: RunStatus, endedAt: number | undefined): Promise<void>;
  /** Writes over what stands there. MLflow's page of the run shows pictures, HTML, Markdown, CSV, JSON and plain text. */
  uploadArtifact(run: Pick<Run, 'id' | 'location'>, path: string, bytes: Uint8Array): Promise<void>;
  /** No search finds it any more. */
  deleteRun(runId: string): Promise<void>;
}

/** Logged models: a folder of files that is usable once it was declared ready. */
export interface ModelStore {
  /** Ready and pending ones, the oldest first; those that failed are left out. */
  searchModels(experimentId: string, tags: Texts): Promise<readonly LoggedModel[]>;
  createModel(model: NewModel): Promise<LoggedModel>;
  /** Writes over what stands there. */
  uploadFile(model: LoggedModel, path: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is no such file. */
  downloadFile(modelId: string, path: string): Promise<Uint8Array | undefined>;
  /** Of a run's artifacts; undefined where there is no such file. */
  downloadRunFile(runId: string, path: string): Promise<Uint8Array | undefined>;
  /** Of a registered version, wherever it lies; undefined where there is no such file. */
  downloadVersionFile(name: string, version: string, path: string): Promise<Uint8Array | undefined>;
  /** What a logged model is called; undefined where there is none. */
  modelName(modelId: string): Promise<string | undefined>;
  readyModel(modelId: string): Promise<void>;
  /** No search finds it any more. */
  deleteModel(modelId: string): Promise<void>;
}

/** Registered models, their versions and aliases. */
export interface Registry {
  /** Which version each alias names; undefined where there is no such model. */
  aliases(name: string): Promise<Texts | undefined>;
  /** The newest first. */
  searchVersions(where: { readonly name?: string; readonly tags?: Texts }): Promise<readonly ModelVersion[]>;
  /** No error where it exists. */
  createRegisteredModel(name: string): Promise<void>;
  createVersion(version: NewVersion): Promise<ModelVersion>;
  setAlias(name: string, alias: string, version: string): Promise<void>;
  deleteVersion(name: string, version: string): Promise<void>;
  /** Adds to its tags, or changes them. */
  tagVersion(name: string, version: string, tags: Texts): Promise<void>;
  describeVersion(name: string, version: string, description: string): Promise<void>;
}

/** MLflow answers 200 to any other word and leaves the run as it was. */
export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface Run {
  readonly id: string;
  /** Where its artifacts go, in the server's words. */
  readonly location: string;
  readonly status: RunStatus;
  readonly endedAt: number | undefined;
  readonly tags: Texts;
  readonly params: Texts;
  readonly datasets: readonly Pick<DatasetInput, 'name' | 'digest'>[];
}

export interface NewRun {
  readonly experimentId: string;
  readonly name: string;
  readonly startedAt: number;
  readonly tags: Texts;
}

export interface Metric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
  /** The logged model that the value is about, where it is one's. */
  readonly modelId?: string;
}

export interface LogBatch {
  readonly metrics: readonly Metric[];
  readonly params: Texts;
  readonly tags: Texts;
}

export interface DatasetInput {
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  /** Where it lies: `s3://…`, or a path. */
  readonly uri: string;
  readonly schema: readonly { readonly name: string; readonly type: string }[];
  /** JSON. */
  readonly profile: string;
  /** What the run used it for, for instance `training`. */
  readonly context: string;
}

export interface LoggedModel {
  readonly id: string;
  readonly status: 'pending' | 'ready';
  /** Where its files go, in the server's words. */
  readonly location: string;
}

export interface NewModel {
  readonly experimentId: string;
  readonly name: string;
  readonly runId: string;
  readonly tags: Texts;
}

export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  /** `models:/m-…` for a logged model. */
  readonly source: string;
  readonly description: string;
  readonly tags: Texts;
}

export interface NewVersion {
  readonly name: string;
  readonly modelId: string;
  readonly runId: string;
  /** Markdown. */
  readonly description: string;
  readonly tags: Texts;
}
