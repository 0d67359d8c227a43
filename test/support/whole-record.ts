type Json = Readonly<Record<string, unknown>>;
type Pairs = readonly { readonly key: string; readonly value?: string }[];

interface WireRun {
  readonly info: { readonly run_id: string; readonly run_name: string; readonly artifact_uri: string } & Json;
  readonly data: {
    readonly metrics?: readonly { readonly key: string }[];
    readonly params?: Pairs;
    readonly tags?: Pairs;
  };
  readonly inputs?: Json;
  readonly outputs?: Json;
}

/**
 * All that a server holds of an experiment and a registered model, asked for without our client, in an order of its own, with
 * names in place of the ids and times that the server gave. Two servers that were told the same hold the same.
 */
export async function wholeRecord(uri: string, name: string): Promise<unknown> {
  const get = async (path: string) => (await (await fetch(`${uri}/${path}`)).json()) as Json;
  const api = 'api/2.0/mlflow';
  const post = async (path: string, body: unknown) => {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    const answer = await fetch(`${uri}/${api}/${path}`, init);
    return answer.status === 404 ? {} : ((await answer.json()) as Json);
  };
  const { experiment } = (await get(`${api}/experiments/get-by-name?experiment_name=${name}`)) as {
    experiment: { experiment_id: string };
  };
  const experiment_ids = [experiment.experiment_id];
  const { runs = [] } = (await post('runs/search', { experiment_ids, max_results: 1000 })) as {
    runs?: WireRun[];
  };
  const { models = [] } = (await post('logged-models/search', { experiment_ids })) as {
    models?: { info: { model_id: string } & Json }[];
  };
  const plainName = ({ info }: WireRun) => info.run_name.replace(name, 'name');
  const told = [];
  for (const run of runs.toSorted((a, b) => (plainName(a) < plainName(b) ? -1 : 1))) {
    const id = run.info.run_id;
    const keys = (run.data.metrics ?? []).map(({ key }) => key).toSorted();
    const histories = keys.map((key) => get(`${api}/metrics/get-history?run_id=${id}&metric_key=${key}`));
    const { run: whole } = (await get(`${api}/runs/get?run_id=${id}`)) as { run: WireRun };
    const files = await get(`${api}/artifacts/list?run_id=${id}`);
    const { params = [], tags = [] } = whole.data;
    told.push({
      ...{
        info: whole.info,
        params: sorted(params),
        tags: sorted(tags),
        inputs: whole.inputs,
        outputs: whole.outputs,
      },
      metrics: await Promise.all(histories),
      files,
    });
  }
  const filter = encodeURIComponent(`name='${name}'`);
  const versions = await get(`${api}/model-versions/search?filter=${filter}`);
  const registered = await get(`${api}/registered-models/get?name=${name}`);
  const names = new Map([
    ...runs.map(({ info }) => [info.run_id, `run ${info.run_name}`] as const),
    ...models.map(({ info }) => [info.model_id, 'the model'] as const),
  ]);
  const text = JSON.stringify({ runs: told, models, versions, registered }, (key, value) =>
    /^(creation|last_updated)_timestamp(_ms)?$|^experiment_id$|^user_id$/.test(key) ? undefined : value,
  );
  const plain = [...names]
    .reduce((so, [id, what]) => so.replaceAll(id, what), text)
    .replaceAll(`:/${experiment.experiment_id}/`, ':/experiment/')
    .replaceAll(`#/experiments/${experiment.experiment_id}/`, '#/experiments/experiment/')
    .replaceAll(`%22${experiment.experiment_id}%22`, '%22experiment%22')
    .replaceAll(name, 'name');
  return JSON.parse(plain);
}

/** Of the notes' links the order of the pairs is ours, of all else the server's. */
const sorted = (pairs: Pairs) => pairs.toSorted((a, b) => (a.key < b.key ? -1 : 1));
