import { Command } from 'commander';
import { specSchema } from '../core/spec/json-schema.ts';

export const schemaCommand = new Command('schema')
  .description('print the JSON Schema of specifications, by which editors complete and check them')
  .action(() => void process.stdout.write(`${JSON.stringify(specSchema(), null, 2)}\n`));
