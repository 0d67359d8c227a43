import type { Json } from '../../core/json.ts';
import { parseKnownPath } from './expression.ts';
import { Fields, type Refuse } from './fields.ts';
import type { DistributedMode, MapState } from './flow.ts';
import { type LoadMachine, loadFallible, loadQuantity, optionalTemplate, wholeInput } from './load-parts.ts';
import type { Template } from './template.ts';

/** Express executions end after five minutes. */
const expressSeconds = 300;

const distributedOnly = [
  ...['ItemReader', 'ResultWriter', 'Label'],
  ...['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
  ...['ToleratedFailureCount', 'ToleratedFailureCountPath'],
];

export function loadMap(name: string, fields: Fields, machine: LoadMachine): MapState {
  const known = ['ProcessorConfig', 'StartAt', 'States', 'Comment', 'QueryLanguage'];
  const processor = new Fields(
    fields.get('ItemProcessor'),
    fields.path('ItemProcessor'),
    fields.refuse,
    known,
  );
  const config = new Fields(
    processor.get('ProcessorConfig') ?? {},
    processor.path('ProcessorConfig'),
    fields.refuse,
    ['Mode', 'ExecutionType'],
  );
  const distributed = config.word('Mode', ['INLINE', 'DISTRIBUTED']) === 'DISTRIBUTED';
  if (distributed !== config.has('ExecutionType')) {
    config.refuse(config.path('ExecutionType'), `${distributed ? 'is needed' : 'is refused'} in this Mode`);
  }
  const express = config.word('ExecutionType', ['STANDARD', 'EXPRESS']) === 'EXPRESS';
  for (const field of distributed ? [] : distributedOnly.filter((field) => fields.has(field))) {
    fields.refuse(fields.path(field), 'is for Maps of mode DISTRIBUTED only');
  }
  return {
    kind: 'Map',
    ...loadFallible(name, fields),
    items: loadItems(fields),
    selector: optionalTemplate(fields, 'ItemSelector'),
    maxConcurrency: loadQuantity(fields, 'MaxConcurrency') ?? { kind: 'fixed', value: 0 },
    processor: { ...machine(processor), timeoutSeconds: express ? expressSeconds : undefined },
    mode: distributed ? loadDistributed(name, fields) : { kind: 'inline' },
  };
}

function loadItems(fields: Fields): MapState['items'] {
  fields.oneOf(['ItemsPath', 'ItemReader'], true);
  if (!fields.has('ItemReader')) {
    return { kind: 'path', path: fields.pathAt('ItemsPath', parseKnownPath) ?? wholeInput };
  }
  const at = fields.path('ItemReader');
  const reader = new Fields(fields.get('ItemReader'), at, fields.refuse, [
    'Resource',
    'ReaderConfig',
    'Parameters',
  ]);
  const resource = 'arn:aws:states:::s3:getObject';
  expectResource(reader, resource);
  const config = new Fields(reader.get('ReaderConfig'), reader.path('ReaderConfig'), fields.refuse, [
    'InputType',
    'MaxItems',
  ]);
  if (!config.has('InputType')) config.refuse(config.path('InputType'), 'is missing');
  config.word('InputType', ['JSON']);
  return {
    kind: 'reader',
    parameters: objectTemplate(reader, ['Bucket', 'Key'], fields.refuse),
    maxItems: config.number('MaxItems', 0, 100_000_000, true) || Infinity,
  };
}

function expectResource(fields: Fields, allowed: string): void {
  const given = fields.requiredString('Resource');
  if (fields.has('Resource') && given !== allowed) {
    fields.refuse(fields.path('Resource'), `unknown resource '${given}'; known is ${allowed}`);
  }
}

function objectTemplate(parent: Fields, names: readonly string[], refuse: Refuse): Template {
  const both = names.flatMap((name) => [name, `${name}.$`]);
  const fields = new Fields(parent.get('Parameters'), parent.path('Parameters'), refuse, both);
  for (const name of names) fields.oneOf([name, `${name}.$`]);
  return optionalTemplate(parent, 'Parameters') ?? { kind: 'fixed', value: {} };
}

function loadDistributed(name: string, fields: Fields): DistributedMode {
  const label = fields.string('Label');
  if (label !== undefined && !/^[A-Za-z0-9_-]{1,40}$/.test(label)) {
    fields.refuse(fields.path('Label'), `must be 1 to 40 of A-Z, a-z, 0-9, _ and -, given '${label}'`);
  }
  return {
    kind: 'distributed',
    label: label ?? name,
    toleratedPercentage: loadQuantity(fields, 'ToleratedFailurePercentage', { most: 100, whole: false }),
    toleratedCount: loadQuantity(fields, 'ToleratedFailureCount'),
    writer: loadWriter(fields),
  };
}

/** The local engine writes no result files, so nothing may depend on what a writer would report. */
function loadWriter(fields: Fields): Template | undefined {
  if (!fields.has('ResultWriter')) return undefined;
  const at = fields.path('ResultWriter');
  const known = ['Resource', 'Parameters', 'WriterConfig'];
  const writer = new Fields(fields.get('ResultWriter'), at, fields.refuse, known);
  expectResource(writer, 'arn:aws:states:::s3:putObject');
  const config: Json = writer.get('WriterConfig') ?? {};
  const options = new Fields(config, writer.path('WriterConfig'), fields.refuse, [
    'Transformation',
    'OutputType',
  ]);
  options.word('Transformation', ['NONE', 'COMPACT', 'FLATTEN']);
  options.word('OutputType', ['JSON', 'JSONL']);
  if (fields.get('ResultPath') !== null) {
    fields.refuse(
      fields.path('ResultPath'),
      'must be null beside a ResultWriter, whose files are not written locally',
    );
  }
  return objectTemplate(writer, ['Bucket', 'Prefix'], fields.refuse);
}
