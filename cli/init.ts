import { readdir } from 'node:fs/promises';
import { Option } from 'commander';
import { type BuiltIn, builtIns } from '../core/contracts/names.ts';
import { isTableFile } from '../core/tables/format.ts';
import type { InitDocument, InitRequest } from '../library/init.ts';
import { initQuestions } from './init-questions.ts';
import { rolesText, warningRows } from './output/columns.ts';
import { count, print, table } from './output/print.ts';
import { localCommand, type Options, withFanfare } from './session.ts';
import { Usage } from './usage.ts';

type InitOptions = Options & {
  readonly target?: string;
  readonly trainable?: BuiltIn;
  readonly trials?: number;
  readonly out?: string;
  readonly yes?: true;
  readonly force?: true;
};

export const initCommand = localCommand(
  'init',
  'look at a table, ask what is to be predicted, and write a commented specification that runs',
)
  .argument('[table]', 'a file, a folder or a pattern: Parquet, CSV, NDJSON, Arrow; s3://…')
  .option('--target <column>', 'the column to predict')
  .addOption(new Option('--trainable <name>', 'what a trial trains').choices(builtIns))
  .option('--trials <count>', 'how many are tried; 20 where it is left out', Number)
  .option('--out <file>', 'where the specification is written; <table>.yaml where it is left out')
  .option('-y, --yes', 'ask nothing: take what is likely where nothing is said')
  .option('--force', 'write over a specification that is there')
  .action((given: string | undefined, options: InitOptions) =>
    // Nothing is recorded, and no progress is told between questions.
    withFanfare({ ...options, engine: 'local', stack: '', mlflow: false, quiet: true }, async (fanfare) => {
      const asks = !options.yes && !options.json && process.stdin.isTTY && process.stdout.isTTY;
      const request = asks
        ? await initQuestions(fanfare, requestOf(given, options), await tablesHere())
        : unasked(given, options);
      const document = await fanfare.init(request);
      print(options.json, document, initLines(document));
    }),
  );

const requestOf = (given: string | undefined, options: InitOptions): Partial<InitRequest> => {
  const { target, trainable, trials, out, force } = options;
  return {
    ...(given !== undefined && { table: given }),
    ...(target !== undefined && { target }),
    ...(trainable && { trainable }),
    ...(trials !== undefined && { trials }),
    ...(out !== undefined && { out }),
    ...(force && { force }),
  };
};

function unasked(given: string | undefined, options: InitOptions): InitRequest {
  const request = requestOf(given, options);
  if (request.table === undefined)
    throw new Usage('nobody can be asked here: name the table, fanfare init TABLE');
  if (request.target === undefined && !options.yes) {
    throw new Usage(
      'nobody can be asked here: name what is to be predicted, --target COLUMN, or take what is likely, --yes',
    );
  }
  return { ...request, table: request.table };
}

/** The tables in the current folder. */
async function tablesHere(): Promise<readonly string[]> {
  const entries = await readdir('.', { withFileTypes: true });
  return entries
    .flatMap((entry) => (entry.isFile() && isTableFile(entry.name) ? [entry.name] : []))
    .toSorted();
}

const initLines = ({ file, rows, columns }: InitDocument): string[] =>
  table([
    ['written', file],
    ['rows', count(rows)],
    ['columns', rolesText(columns)],
    ...warningRows(columns),
    ['look', `npx fanfare describe ${file}`],
    ['run', `npx fanfare pipeline ${file}`],
  ]);
