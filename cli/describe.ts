import type { DescribeDocument } from '../library/describe.ts';
import { columnLines, rolesText, warningRows } from './output/columns.ts';
import { count, print, table } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const describeCommand = command(
  'describe',
  "show a table's columns: type, role and why, missing values, different values, range, warnings",
)
  .argument('<spec-or-table>', 'a specification in YAML, or a table: a file, a folder, a pattern, s3://…')
  .action((given: string, options: Options) =>
    withFanfare(options, async (fanfare) => {
      const document = await fanfare.describe(given);
      print(options.json, document, describeLines(document));
    }),
  );

const describeLines = ({ table: path, rows, rejected, columns }: DescribeDocument): string[] => [
  ...columnLines(columns),
  '',
  ...table([
    ['table', path],
    ['rows', rejected === 0 ? count(rows) : `${count(rows)}, and ${count(rejected)} that cannot be read`],
    ['columns', rolesText(columns)],
    ...warningRows(columns),
  ]),
];
