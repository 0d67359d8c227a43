/** What an MLflow server holds, asked for without our own client. */
export interface RecordedRun {
  readonly id: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
}

type Pairs = readonly { readonly key: string; readonly value: string }[];

interface RunAnswer {
  readonly info: { readonly run_id: string; readonly status: string };
  readonly data: { readonly tags?: Pairs; readonly params?: Pairs };
}

const record = (pairs: Pairs = []) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]));

export function mlflowRecord(uri: string) {
  const ask = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    const answer = await fetch(`${uri}/api/2.0/mlflow/${path}`, body === undefined ? {} : init);
    return (await answer.json()) as Answer;
  };
  return {
    async runs(experiment: string): Promise<readonly RecordedRun[]> {
      const found = await ask<{ experiment: { experiment_id: string } }>(
        `experiments/get-by-name?experiment_name=${experiment}`,
      );
      const { runs = [] } = await ask<{ runs?: readonly RunAnswer[] }>('runs/search', {
        experiment_ids: [found.experiment.experiment_id],
        max_results: 1000,
      });
      return runs.map(({ info, data }) => ({
        id: info.run_id,
        status: info.status,
        tags: record(data.tags),
        params: record(data.params),
      }));
    },
    /** Step and value of each point that was logged. */
    async history(run: string, metric: string): Promise<readonly (readonly [number, number])[]> {
      const { metrics = [] } = await ask<{ metrics?: readonly { step?: number; value: number }[] }>(
        `metrics/get-history?run_id=${run}&metric_key=${metric}`,
      );
      return metrics.map(({ step = 0, value }) => [step, value]);
    },
    /** The versions' numbers, and which of them each alias names. */
    async model(name: string) {
      type Versions = { model_versions?: readonly { version: string }[] };
      const filter = encodeURIComponent(`name='${name}'`);
      const { model_versions = [] } = await ask<Versions>(`model-versions/search?filter=${filter}`);
      type Registered = { registered_model: { aliases?: readonly { alias: string; version: string }[] } };
      const { registered_model } = await ask<Registered>(`registered-models/get?name=${name}`);
      return {
        versions: model_versions.map(({ version }) => version).toSorted(),
        aliases: Object.fromEntries(
          (registered_model.aliases ?? []).map(({ alias, version }) => [alias, version]),
        ),
      };
    },
  };
}
