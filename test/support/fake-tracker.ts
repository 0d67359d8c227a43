import type {
  DatasetInput,
  LogBatch,
  LoggedModel,
  Metric,
  ModelVersion,
  NewModel,
  NewRun,
  NewVersion,
  Run,
  RunStatus,
  Texts,
  Tracker,
} from '../../core/tracking/tracker.ts';

/**
 * When the n-th write (from 1) fails: before it is done, after, when the answer gets lost, or before it is done so late that
 * the next writer has looked already.
 */
export interface Crash {
  readonly write: number;
  readonly when: 'before' | 'after' | 'late';
}

export interface FakeRun {
  readonly id: string;
  readonly experimentId: string;
  readonly location: string;
  readonly name: string;
  readonly startedAt: number;
  status: RunStatus;
  endedAt: number | undefined;
  tags: Texts;
  params: Texts;
  metrics: readonly Metric[];
  datasets: readonly DatasetInput[];
  inputs: readonly string[];
  outputs: readonly string[];
}

export interface FakeModel extends NewModel {
  readonly id: string;
  status: LoggedModel['status'];
  /** In the order of their first upload. */
  readonly files: Map<string, Uint8Array>;
}

/**
 * An MLflow in memory with the traps of the real one (measured with 3.17.2): creates make a second of everything, params
 * cannot change, metrics agree only in key, time, step and value, batches have limits, and a model is linked to a run once.
 */
export class FakeTracker implements Tracker {
  readonly experiments = new Map<string, string>();
  readonly runs: FakeRun[] = [];
  readonly models: FakeModel[] = [];
  /** Files of runs and of versions that are no logged models, by `<run>/<path>` and `<name>/<version>/<path>`. */
  readonly artifacts = new Map<string, Uint8Array>();
  readonly versions: ModelVersion[] = [];
  readonly registered = new Map<string, Record<string, string>>();
  /** The names of the writing calls so far. */
  writes: string[] = [];
  reads: string[] = [];
  crash: Crash | undefined;
  /** So many runs there were, deleted ones as well. */
  #made = 0;
  #late: (() => unknown) | undefined;

  async experiment(name: string): Promise<string> {
    this.reads.push('experiment');
    const found = this.experiments.get(name);
    if (found !== undefined) return found;
    return this.#write('createExperiment', () => {
      const id = this.experiments.get(name) ?? String(this.experiments.size + 1);
      this.experiments.set(name, id);
      return id;
    });
  }

  async searchRuns(experimentId: string, tags: Texts): Promise<readonly Run[]> {
    this.reads.push('searchRuns');
    const found = this.runs.filter((run) => run.experimentId === experimentId && holds(run.tags, tags));
    return found.map((run) => ({ ...run })).toSorted((a, b) => a.startedAt - b.startedAt);
  }

  async linkedModels(runId: string) {
    this.reads.push('linkedModels');
    return { inputs: this.run(runId).inputs, outputs: this.run(runId).outputs };
  }

  async createRun({ experimentId, name, startedAt, tags }: NewRun): Promise<Run> {
    return this.#write('createRun', () => {
      refuse(Object.keys(tags).length > 100, 'more than 100 tags');
      const run: FakeRun = {
        ...{ id: `run-${++this.#made}`, experimentId, name, startedAt, tags },
        location: `mlflow-artifacts:/${experimentId}/run-${this.#made}/artifacts`,
        ...{ status: 'RUNNING', endedAt: undefined, params: {}, metrics: [] },
        ...{ datasets: [], inputs: [], outputs: [] },
      };
      this.runs.push(run);
      return { ...run };
    });
  }

  async logBatch(runId: string, batch: LogBatch): Promise<void> {
    return this.#write('logBatch', () => {
      const run = this.run(runId);
      checkLimits(batch);
      for (const [key, value] of Object.entries(batch.params)) {
        const changes = run.params[key] !== undefined && run.params[key] !== value;
        refuse(changes, `param ${key} is ${run.params[key]} and cannot become ${value}`);
      }
      const added = batch.metrics.filter((metric) => !run.metrics.some((have) => isSame(have, metric)));
      run.metrics = [...run.metrics, ...added];
      run.params = { ...run.params, ...batch.params };
      run.tags = { ...run.tags, ...batch.tags };
    });
  }

  async logInputs(runId: string, { datasets, models }: Parameters<Tracker['logInputs']>[1]): Promise<void> {
    return this.#write('logInputs', () => {
      const run = this.run(runId);
      refuse(
        models.some((model) => run.inputs.includes(model)),
        'UNIQUE constraint failed: inputs',
      );
      refuse(
        datasets.some(({ digest }) => digest.length > 36),
        'a digest over 36 characters',
      );
      const isThere = ({ name, digest }: DatasetInput) =>
        run.datasets.some((have) => have.name === name && have.digest === digest);
      run.datasets = [...run.datasets, ...datasets.filter((input) => !isThere(input))];
      run.inputs = [...run.inputs, ...models];
    });
  }

  async logOutputs(runId: string, models: readonly string[]): Promise<void> {
    return this.#write('logOutputs', () => {
      const run = this.run(runId);
      refuse(
        models.some((model) => run.outputs.includes(model)),
        'UNIQUE constraint failed: inputs',
      );
      run.outputs = [...run.outputs, ...models];
    });
  }

  async updateRun(runId: string, status: RunStatus, endedAt: number | undefined): Promise<void> {
    return this.#write('updateRun', () => {
      Object.assign(this.run(runId), { status, endedAt });
    });
  }

  async uploadArtifact({ id }: { readonly id: string }, path: string, bytes: Uint8Array): Promise<void> {
    return this.#write(`uploadArtifact ${path}`, () => {
      this.artifacts.set(`${this.run(id).id}/${path}`, bytes);
    });
  }

  async deleteRun(runId: string): Promise<void> {
    return this.#write('deleteRun', () => {
      this.runs.splice(this.runs.indexOf(this.run(runId)), 1);
    });
  }

  async searchModels(experimentId: string, tags: Texts): Promise<readonly LoggedModel[]> {
    this.reads.push('searchModels');
    const found = this.models.filter(
      (model) => model.experimentId === experimentId && holds(model.tags, tags),
    );
    return found.map(asLogged);
  }

  async createModel(model: NewModel): Promise<LoggedModel> {
    return this.#write('createModel', () => {
      const made: FakeModel = {
        ...model,
        id: `m-${this.models.length + 1}`,
        status: 'pending',
        files: new Map(),
      };
      this.models.push(made);
      return asLogged(made);
    });
  }

  async uploadFile(model: LoggedModel, path: string, bytes: Uint8Array): Promise<void> {
    return this.#write(`uploadFile ${path}`, () => {
      this.models.find(({ id }) => id === model.id)?.files.set(path, bytes);
    });
  }

  async downloadFile(modelId: string, path: string): Promise<Uint8Array | undefined> {
    this.reads.push('downloadFile');
    return this.models.find(({ id }) => id === modelId)?.files.get(path);
  }

  async downloadRunFile(runId: string, path: string): Promise<Uint8Array | undefined> {
    this.reads.push('downloadRunFile');
    return this.artifacts.get(`${runId}/${path}`);
  }

  async downloadVersionFile(name: string, version: string, path: string): Promise<Uint8Array | undefined> {
    this.reads.push('downloadVersionFile');
    return this.artifacts.get(`${name}/${version}/${path}`);
  }

  async modelName(modelId: string): Promise<string | undefined> {
    this.reads.push('modelName');
    return this.models.find(({ id }) => id === modelId)?.name;
  }

  async readyModel(modelId: string): Promise<void> {
    return this.#write('readyModel', () => {
      for (const model of this.models.filter(({ id }) => id === modelId)) model.status = 'ready';
    });
  }

  async deleteModel(modelId: string): Promise<void> {
    return this.#write('deleteModel', () => {
      this.models.splice(0, Infinity, ...this.models.filter(({ id }) => id !== modelId));
    });
  }

  async aliases(name: string): Promise<Texts | undefined> {
    this.reads.push('aliases');
    return this.registered.get(name);
  }

  async searchVersions({ name, tags = {} }: { readonly name?: string; readonly tags?: Texts }) {
    this.reads.push('searchVersions');
    const found = this.versions.filter(
      (version) => (name === undefined || version.name === name) && holds(version.tags, tags),
    );
    return found.toSorted((a, b) => Number(b.version) - Number(a.version));
  }

  async createRegisteredModel(name: string): Promise<void> {
    if (this.registered.has(name)) return;
    return this.#write('createRegisteredModel', () => {
      this.registered.set(name, {});
    });
  }

  async createVersion({ name, modelId, description, tags }: NewVersion): Promise<ModelVersion> {
    return this.#write('createVersion', () => {
      refuse(!this.registered.has(name), `no registered model ${name}`);
      const latest = Math.max(
        0,
        ...this.versions.filter((other) => other.name === name).map(({ version }) => Number(version)),
      );
      const version = String(latest + 1);
      const made = { name, version, source: `models:/${modelId}`, description, tags };
      this.versions.push(made);
      return made;
    });
  }

  async setAlias(name: string, alias: string, version: string): Promise<void> {
    return this.#write('setAlias', () => {
      this.registered.set(name, { ...this.registered.get(name), [alias]: version });
    });
  }

  async deleteVersion(name: string, version: string): Promise<void> {
    return this.#write('deleteVersion', () => {
      const kept = this.versions.filter((other) => other.name !== name || other.version !== version);
      this.versions.splice(0, Infinity, ...kept);
    });
  }

  async tagVersion(name: string, version: string, tags: Texts): Promise<void> {
    return this.#write('tagVersion', () =>
      this.#changeVersion(name, version, (have) => ({ tags: { ...have.tags, ...tags } })),
    );
  }

  async describeVersion(name: string, version: string, description: string): Promise<void> {
    return this.#write('describeVersion', () => this.#changeVersion(name, version, () => ({ description })));
  }

  #changeVersion(name: string, version: string, change: (have: ModelVersion) => Partial<ModelVersion>): void {
    const at = this.versions.findIndex((other) => other.name === name && other.version === version);
    const found = this.versions[at];
    if (found) this.versions[at] = { ...found, ...change(found) };
  }

  run(id: string): FakeRun {
    const run = this.runs.find((candidate) => candidate.id === id);
    if (run === undefined) throw new Error(`404 RESOURCE_DOES_NOT_EXIST: run ${id}`);
    return run;
  }

  async #write<T>(name: string, write: () => T): Promise<T> {
    this.writes.push(name);
    const crashes = this.crash?.write === this.writes.length ? this.crash.when : undefined;
    if (crashes === 'before') throw new Error(`no connection for ${name}`);
    if (crashes === 'late') {
      this.#late = write;
      throw new Error(`no answer in time to ${name}`);
    }
    // Whoever writes again has looked.
    const late = this.#late;
    this.#late = undefined;
    try {
      late?.();
    } catch {
      // A refusal that nobody hears.
    }
    const done = write();
    if (crashes === 'after') throw new Error(`no answer to ${name}`);
    return done;
  }
}

function checkLimits({ metrics, params, tags }: LogBatch): void {
  const counts = [metrics.length, Object.keys(params).length, Object.keys(tags).length] as const;
  refuse(counts[0] > 1000, 'more than 1000 metrics');
  refuse(counts[1] > 100 || counts[2] > 100, 'more than 100 params or tags');
  refuse(counts[0] + counts[1] + counts[2] > 1000, 'more than 1000 entities');
  refuse(
    Object.values(params).some((value) => value.length > 6000),
    'a param over 6000 characters',
  );
  refuse(
    Object.values(tags).some((value) => value.length > 8000),
    'a tag over 8000 characters',
  );
  const keys = [...metrics.map(({ key }) => key), ...Object.keys(params), ...Object.keys(tags)];
  refuse(
    keys.some((key) => key.length > 250 || /[^\p{L}\p{N}_\-. /:]/u.test(key)),
    'a name that is not allowed',
  );
}

function refuse(wrong: boolean, reason: string): void {
  if (wrong) throw new Error(`400 INVALID_PARAMETER_VALUE: ${reason}`);
}

const isSame = (a: Metric, b: Metric): boolean =>
  a.key === b.key && a.timestamp === b.timestamp && a.step === b.step && a.value === b.value;

const holds = (have: Texts, wanted: Texts): boolean =>
  Object.entries(wanted).every(([key, value]) => have[key] === value);

const asLogged = ({ id, status }: FakeModel): LoggedModel => ({
  id,
  status,
  location: `mlflow-artifacts:/1/models/${id}/artifacts`,
});
