import { beforeAll, describe, expect, test } from 'vitest';
import type { Reject } from '../../../core/contracts/job.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset, Prediction } from '../../../core/contracts/records.ts';
import { ModelCard } from '../../../core/contracts/study.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import type { ByteSource, ObjectStore } from '../../../core/store.ts';
import type { Batch } from '../../../core/tables/batch.ts';
import { columnOf } from '../../../core/tables/batch.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  predictAll,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';
import { asNodeTellsStacks, bringSource } from '../../support/user-code.ts';

asNodeTellsStacks();

const table = flights(1500);
const mapping = (body: string) => `export default (rows, context) => {
  ${body}
};
`;
const features = mapping(
  `return rows.with({ far: rows.numbers('distance').map(Math.log1p) }).drop(['distance']);`,
);

let trained: ObjectStore;
let model: string;
let dataset: string;
let card: ModelCard;

beforeAll(async () => {
  trained = memoryStore();
  const ports = stepPorts(trained, { flights: [fileOf('csv', table)] });
  const code = await bringSource(trained, features, 'features.ts');
  const spec = await putSpec(
    trained,
    specOf({ split: { features: code }, inputs: ['far', 'seats', 'city'] }),
  );
  ({ dataset } = await splitAll(spec, ports));
  const study = await prepare(spec, dataset, ports);
  await runLane(study, ports);
  const { best } = (await concludeStudy({ study, execution }, ports)) as { best: { model: string } };
  model = best.model;
  card = await readObject(trained, keys.modelCard(model), ModelCard);
});

type Line = Readonly<Record<string, unknown>> & { readonly id: number; readonly probability: number };

async function linesOf<T>(
  store: ObjectStore,
  parts: readonly Parameters<typeof readPartition>[1][],
): Promise<T[]> {
  const texts = await Promise.all(
    parts.map(async (part) => new TextDecoder().decode(await readPartition(store, part))),
  );
  return texts
    .join('')
    .split('\n')
    .flatMap((line) => (line ? [JSON.parse(line) as T] : []));
}

interface Asked {
  readonly source?: ByteSource;
  readonly preprocess?: string;
  readonly postprocess?: string;
  readonly features?: string | null;
  readonly from?: string;
  readonly keep?: readonly string[];
}

/** Predicts a table in three shards, or the test side of a dataset. */
async function predicted({
  source = fileOf('csv', table),
  features = card.features,
  from,
  keep,
  ...code
}: Asked) {
  const store = await copyOf(trained);
  const ports = stepPorts(store, { new: [source] });
  const brought = Object.fromEntries(
    await Promise.all(
      Object.entries(code).map(async ([name, text]) => [name, await bringSource(store, text, `${name}.ts`)]),
    ),
  );
  const predict = {
    table: { path: 'new', shards: 3 },
    format: 'ndjson',
    tolerance: 1,
    ...(keep && { keep }),
    ...brought,
  };
  const spec = await putSpec(store, specOf({ predict }));
  const { prediction } = await predictAll(spec, model, from ?? null, ports, features);
  const manifest = await readObject(store, keys.predictionManifest(prediction), Prediction);
  return {
    manifest,
    rows: await linesOf<Line>(store, manifest.parts),
    rejects: await linesOf<Reject>(store, manifest.rejects),
  };
}

const probabilities = (rows: readonly Line[]) =>
  new Map(rows.map(({ id, probability }) => [id, probability]));

test('a model says which features its columns come from', () => {
  expect(card.features).toMatch(/^code:/);
  expect(card.inputs.map(({ name }) => name)).toContain('far');
});

describe('a raw table', () => {
  test('is predicted as the rows of the dataset are, which have the features already', async () => {
    const tested = probabilities((await predicted({ from: dataset })).rows);
    const all = probabilities((await predicted({})).rows);
    const { rows } = await readObject(trained, keys.datasetManifest(dataset), Dataset);
    expect(tested.size).toBe(rows.test);
    expect(all.size).toBe(1500);
    for (const [id, probability] of tested) expect(all.get(id)).toBe(probability);
  });

  test('keeps its own columns, and those that the features made where they are asked for', async () => {
    const { rows } = await predicted({});
    expect(Object.keys(rows[0]!)).toEqual([
      'id',
      'distance',
      'seats',
      'city',
      'late',
      'probability',
      'label',
    ]);
    const kept = await predicted({ keep: ['id', 'far'] });
    expect(Object.keys(kept.rows[0]!)).toEqual(['id', 'far', 'probability', 'label']);
    expect(kept.rows[0]!.far).toBe(Math.log1p(Number(rows[0]!.distance)));
  });

  test('without the features that its model needs is refused by the column', async () => {
    await expect(predicted({ features: null })).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringMatching(/the model wants a column "far"/),
    });
  });

  test('is refused where its features leave rows out', async () => {
    const store = await copyOf(trained);
    const code = await bringSource(store, mapping('return rows.take([0]);'), 'features.ts');
    const spec = await putSpec(store, specOf({ predict: { table: { path: 'new', shards: 1 } } }));
    const ports = stepPorts(store, { new: [fileOf('csv', table)] });
    await expect(predictAll(spec, model, null, ports, code)).rejects.toMatchObject({
      name: 'UserCodeFailed',
      message: 'features.ts: it gave 1 rows for 1500; features keeps every row here',
    });
  });
});

test('preprocess comes between the features and the model', async () => {
  const preprocess = mapping(`return rows.with({ far: rows.numbers('far').fill(Math.log1p(100)) });`);
  const near: Batch = {
    ...table,
    columns: table.columns.map((column) =>
      column === columnOf(table, 'distance')
        ? { type: 'float', values: new Float64Array(1500).fill(100), valid: null }
        : column,
    ),
  };
  const [changed, wanted] = [
    await predicted({ preprocess }),
    await predicted({ source: fileOf('csv', near) }),
  ];
  expect(probabilities(changed.rows)).toEqual(probabilities(wanted.rows));
  expect(changed.manifest.prediction).not.toBe((await predicted({})).manifest.prediction);
});

describe('postprocess', () => {
  const verdict = mapping(`const p = rows.numbers('probability');
  return rows.with({ verdict: rows.strings('city').map((city, row) => city + (p[row]! > 0.4 ? ' late' : ' on time')) }).select(['id', 'verdict', 'probability']);`);

  test('gives what is written, of the kept columns and the outputs', async () => {
    const [plain, done] = [await predicted({}), await predicted({ postprocess: verdict })];
    expect(done.rows).toEqual(
      plain.rows.map(({ id, city, probability }) => ({
        id,
        verdict: `${city}${probability > 0.4 ? ' late' : ' on time'}`,
        probability,
      })),
    );
    expect(done.manifest).toMatchObject({ rows: 1500, predicted: 1500, rejected: 0 });
    expect(new Set(done.rows.map((row) => String(row.verdict).slice(3))).size).toBe(2);
  });

  test.each<[string, string, RegExp]>([
    [
      'leaves rows out',
      'return rows.take([0, 1]);',
      /postprocess\.ts: it gave 2 rows for \d+; postprocess keeps/,
    ],
    ['throws', `throw new TypeError(context.stage);`, /postprocess\.ts:2:\d+: TypeError: postprocess/],
    [
      'gives other columns for one shard',
      "return context.shard === 1 ? rows.drop(['city']) : rows;",
      /^shard 1 came out with the columns .*; a mapping gives the same columns for all rows/,
    ],
  ])('that %s fails the prediction', async (_, body, message) => {
    await expect(predicted({ postprocess: mapping(body) })).rejects.toMatchObject({
      name: 'UserCodeFailed',
      message: expect.stringMatching(message),
    });
  });
});

test('a row that the model cannot take is rejected as it stands in the table', async () => {
  const [header, ...lines] = new TextDecoder()
    .decode(encodeTable('csv', [table]))
    .trimEnd()
    .split('\n');
  lines[20] = '20,7.5,,C1,true';
  const source = byteSource(`${[header, ...lines].join('\n')}\n`, 'new.csv');
  const preprocess = mapping(`return rows.with({ city: rows.strings('city').map(() => 'C4') });`);
  const { manifest, rejects } = await predicted({ source, preprocess });
  expect(manifest).toMatchObject({ rows: 1500, predicted: 1499, rejected: 1 });
  expect(rejects).toMatchObject([{ column: 'seats', reason: expect.stringContaining('missing') }]);
  expect(rejects[0]).toMatchObject({ row: 20, raw: '20,7.5,,C1,true' });
});
