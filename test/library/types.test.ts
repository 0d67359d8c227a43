import { expectTypeOf, test } from 'vitest';
import { readSpec } from '../../core/spec/read.ts';
import type { Fanfare, JobDocument, PipelineDocument, SpecInput } from '../../library/index.ts';

/** tsc holds these; that the same is true of values is what the rest of the tests are for. */

const short = {
  name: 'late',
  table: 'a.csv',
  target: 'late',
  tune: { space: { a: [0, 1, 10], b: 3, c: { low: 1, high: 9, integer: true } }, sampler: 'tpe' },
} satisfies SpecInput;

test('a specification may be written in short', () => {
  expectTypeOf<SpecInput['table']>().extract<string>().toEqualTypeOf<string>();
  expectTypeOf(short).toExtend<SpecInput>();
  readSpec(JSON.stringify(short), 'late.yaml');
});

test('what cannot be meant is refused by the compiler', () => {
  // @ts-expect-error no such key
  expectTypeOf({ ...short, tabel: 'b.csv' } satisfies SpecInput).toBeObject();
  // @ts-expect-error no such sampler
  expectTypeOf({ ...short, tune: { ...short.tune, sampler: 'gird' } } satisfies SpecInput).toBeObject();
  // @ts-expect-error an axis has an end
  expectTypeOf({ ...short, tune: { space: { a: { low: 0 } } } } satisfies SpecInput).toBeObject();
});

test('a job resolves to its own document, and resume to one of them by its command', () => {
  expectTypeOf<Awaited<ReturnType<Fanfare['pipeline']>>>().toEqualTypeOf<PipelineDocument>();
  expectTypeOf<PipelineDocument['evaluation']['auc']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Extract<JobDocument, { command: 'pipeline' }>>().toEqualTypeOf<PipelineDocument>();
  expectTypeOf<JobDocument['command']>().toEqualTypeOf<'split' | 'tune' | 'predict' | 'pipeline' | 'map'>();
});
