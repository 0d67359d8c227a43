import * as z from 'zod';
import { PredictionPlan, type RejectsInput } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { Identity } from '../contracts/names.ts';
import { Dataset, Partition, Prediction } from '../contracts/records.ts';
import type { PredictionSpec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import type { ObjectStore } from '../store.ts';
import { fieldsNamed } from '../tables/fields.ts';
import { readObject } from './objects.ts';

/** The rejected rows of a prediction, as they are or as a person mended them, with the types that the specification says now. */
export async function rejectsInput(
  { table, predict }: PredictionSpec,
  { prediction: parent, mended }: NonNullable<PredictionSpec['predict']['rejects']>,
  store: ObjectStore,
): Promise<RejectsInput> {
  const manifest = await readObject(store, keys.predictionManifest(parent), Prediction);
  const before = await readObject(store, keys.plan(keys.prediction(parent)), PredictionPlan);
  const partitions =
    mended === undefined
      ? manifest.rejects
      : await readObject(store, keys.mended(parent, mended), z.array(Partition));
  const rows = partitions.reduce((sum, part) => sum + part.rows, 0);
  if (rows !== manifest.rejected) {
    throw new FanfareError(
      'BadTable',
      `${keys.mended(parent, mended ?? '')} has ${rows} rows, and ${parent} rejected ${manifest.rejected}`,
    );
  }
  const { schema, ...read } = await howRead(parent, before, store);
  const { columns } = predict.table ?? table;
  fieldsNamed(schema, Object.keys(columns));
  const fields = schema.fields.map(({ name, type }) => ({ name, type: columns[name] ?? type }));
  const of = manifest.input.kind === 'rejects' ? manifest.input.of : manifest.rows;
  return { kind: 'rejects', parent, of, ...read, schema: { ...schema, fields }, partitions };
}

async function howRead(
  parent: Identity,
  { input }: PredictionPlan,
  store: ObjectStore,
): Promise<Pick<RejectsInput, 'root' | 'format' | 'schema' | 'derived'>> {
  switch (input.kind) {
    case 'rejects': {
      const { root, format, schema, derived } = input;
      return { root, format, schema, derived };
    }
    case 'dataset': {
      const { fields } = await readObject(store, keys.datasetManifest(input.dataset), Dataset);
      return { root: parent, format: 'ndjson', schema: { fields }, derived: true };
    }
    case 'table': {
      const given = input.shards[0]?.format;
      const format = given === 'csv' || given === 'objects' ? given : 'ndjson';
      return { root: parent, format, schema: input.schema, derived: false };
    }
  }
}
