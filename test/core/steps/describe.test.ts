import { expect, test } from 'vitest';
import { Described } from '../../../core/contracts/described.ts';
import { commitSplit } from '../../../core/steps/commit-split.ts';
import { describeTable } from '../../../core/steps/describe-table.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { warningsOf } from '../../../core/training/describe.ts';
import { byteSource } from '../../support/byte-source.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  prepare,
  putSpec,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';

const rows = 3000;
const table = fileOf('csv', flights(rows));
const { target } = specOf();
const rolesOf = ({ columns }: Pick<Described, 'columns'>) =>
  columns.map(({ name, type, role }) => [name, type, role]);

test('a table is described from all of its rows, whatever the shards', async () => {
  const ports = stepPorts(memoryStore(), { flights: [table] });
  const of = (shards: number) =>
    describeTable(
      { path: 'flights', columns: {}, shards },
      { target, columns: { ignore: ['seats'] } },
      ports,
    );
  const one = await of(1);
  expect(one).toMatchObject({ rows, rejected: 0 });
  expect(rolesOf(one)).toEqual([
    ['id', 'integer', 'id'],
    ['distance', 'float', 'feature'],
    ['seats', 'integer', 'ignore'],
    ['city', 'string', 'feature'],
    ['late', 'boolean', 'target'],
  ]);
  expect(one.columns.find(({ name }) => name === 'city')?.distinct).toEqual({ count: 5, exact: true });
  expect((await of(7)).columns).toEqual(one.columns);
});

test('rows that cannot be read are counted, and the rest described', async () => {
  const text = new TextDecoder().decode(encodeTable('csv', [flights(100)]));
  const ports = stepPorts(memoryStore(), { flights: [byteSource(`${text}100,far,3,C1,true\n`)] });
  const columns = { distance: 'float' } as const;
  expect(await describeTable({ path: 'flights', columns }, {}, ports)).toMatchObject({
    rows: 100,
    rejected: 1,
  });
});

test('a split says what its columns are to the specification, and warns of one that gives the target away', async () => {
  const store = memoryStore();
  const text = new TextDecoder().decode(encodeTable('csv', [flights(rows)]));
  const [header, ...lines] = text.trimEnd().split('\n');
  const leaking = lines.map((line) => `${line},${line.endsWith('true') ? 'paid back' : ''}`);
  const file = byteSource(`${header},refund\n${leaking.join('\n')}\n`, 'flights.csv');
  const ports = stepPorts(store, { flights: [file] });
  const { inputs: _, ...spec } = specOf();
  const digest = await putSpec(store, spec);
  const { job } = await splitAll(digest, ports);
  const answer = (await commitSplit({ spec: digest, job, execution }, ports)) as {
    described: string;
    dataset: string;
  };
  const described = await readObject(store, answer.described, Described);
  expect(warningsOf(described.columns)).toEqual([
    expect.stringMatching(/^refund: it alone tells late \(100\.0 % of it, in \d+ rows\): is it known before/),
  ]);
  // It warns, and does not decide; an id is no feature.
  const study = await prepare(digest, answer.dataset, ports);
  const written = JSON.parse(
    new TextDecoder().decode((await store.get(`studies/${study}/study.json`))!.body),
  );
  expect(written.inputs).toEqual(['distance', 'seats', 'city', 'refund']);
});

test('a target that no model can be made of is warned of, not refused: the rows are split all the same', async () => {
  const ports = stepPorts(memoryStore(), { flights: [table] });
  const named = { target: { kind: 'column', column: 'city', task: 'regression' } as const };
  const { columns } = await describeTable({ path: 'flights', columns: {} }, named, ports);
  expect(columns.find(({ name }) => name === 'city')?.warnings).toEqual([
    expect.stringContaining('does not fit the task regression: it holds string values'),
  ]);
});

test('a study without a column to learn from is refused, with the reason of each', async () => {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [table] });
  const spec = { ...specOf(), columns: { ignore: ['distance', 'seats'], group: 'city' } };
  const { inputs: _, ...rest } = spec;
  const digest = await putSpec(store, rest);
  const { dataset } = await splitAll(digest, ports);
  await expect(prepare(digest, dataset, ports)).rejects.toMatchObject({
    name: 'BadTable',
    message: expect.stringMatching(
      /flights has no column to learn from: id is id \(it is called so, and .*\), distance is left out \(columns\.ignore\).* city is group \(columns\.group\)/,
    ),
  });
});
