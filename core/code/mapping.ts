import type { Side } from '../contracts/names.ts';
import { FanfareError } from '../errors.ts';
import { fieldsText, type Held } from '../tables/batch.ts';
import { failureText, fileOf, kindOf, type UserModule } from './module.ts';
import { Rows } from './rows.ts';

/** Where the rows come from that a mapping is given. */
export interface MappingContext {
  readonly stage: 'features' | 'preprocess' | 'postprocess' | 'map';
  /** The dataset that the rows belong to, and their side of it; null where a table is predicted. */
  readonly dataset: string | null;
  readonly side: Side | null;
  /** The number of the shard; a shard is mapped by one process, batch after batch. */
  readonly shard: number;
}

/**
 * A function over a batch of rows. `features` and `map` may leave rows out and change the columns, but give the same
 * columns for every batch; `preprocess`, `postprocess` and, where a table is predicted, `features` keep every row in its
 * place. It may run twice on the same rows.
 */
export type Mapping = (rows: Rows, context: MappingContext) => Rows | Promise<Rows>;

export interface MappingUse {
  readonly reference: string | null | undefined;
  readonly context: Omit<MappingContext, 'side'>;
  /** Whether as many rows must come out as went in. */
  readonly keepsRows: boolean;
}

/** Maps a batch of some rows; what comes out has the columns of the first that had any rows. */
export type MapBatch = (batch: Held, side: Side | null) => Promise<Held>;

/** What is not named maps nothing. Everything that goes wrong within is `UserCodeFailed`, by the user's own file and line. */
export async function openMapping(
  { reference, context, keepsRows }: MappingUse,
  loadCode: (reference: string) => Promise<UserModule>,
): Promise<MapBatch> {
  if (reference === null || reference === undefined) return async (batch) => batch;
  const module = await loadCode(reference);
  const file = fileOf(module, reference);
  const mapping = requireMapping(module.default, file);
  let fields: Held['fields'] | undefined;
  return async (batch, side) => {
    const given = await run(mapping, new Rows(batch), { ...context, side }, file);
    if (keepsRows && given.rows !== batch.rows) {
      throw failed(
        file,
        `it gave ${given.rows} rows for ${batch.rows}; ${context.stage} keeps every row here`,
      );
    }
    if (given.rows === 0) return given;
    fields ??= given.fields;
    requireSame(fields, given.fields, file);
    return given;
  };
}

function requireMapping(given: unknown, file: string): Mapping {
  if (typeof given === 'function') return given as Mapping;
  const found = given === undefined ? 'it has no default export' : `its default export is ${kindOf(given)}`;
  throw failed(
    file,
    `${found}; wanted is a function: export default defineMapping((rows) => rows.with({ … }))`,
  );
}

async function run(mapping: Mapping, rows: Rows, context: MappingContext, file: string): Promise<Held> {
  const given: unknown = await call(mapping, rows, context, file);
  if (given instanceof Rows) return given.batch;
  throw failed(
    file,
    `it gave ${kindOf(given)} for ${rows.count} rows; a mapping gives Rows: return rows.with({ … })`,
  );
}

async function call(mapping: Mapping, rows: Rows, context: MappingContext, file: string): Promise<Rows> {
  try {
    return await mapping(rows, context);
  } catch (cause) {
    throw new FanfareError('UserCodeFailed', failureText(cause, file), { cause });
  }
}

function requireSame(before: Held['fields'], now: Held['fields'], file: string): void {
  const [first, other] = [fieldsText(before), fieldsText(now)];
  if (first === other) return;
  throw failed(file, `one batch came out with the columns ${first}, another with ${other}`);
}

const failed = (file: string, why: string): FanfareError =>
  new FanfareError('UserCodeFailed', `${file}: ${why}`);
