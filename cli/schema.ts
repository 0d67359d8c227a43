import { specSchema } from '../core/spec/json-schema.ts';
import { plainCommand } from './session.ts';

export const schemaCommand = plainCommand(
  'schema',
  'print the JSON Schema of specifications, by which editors complete and check them',
).action(() => void process.stdout.write(`${JSON.stringify(specSchema(), null, 2)}\n`));
