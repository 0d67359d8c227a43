// Writes docs/reference/: what a specification may say, from its JSON Schema, and the commands, from commander's definition.
import { mkdirSync, writeFileSync } from 'node:fs';

const head = '<!-- Made by npm run schema; a test says where it is not of today. -->\n';

/** @param {object} schema @param {object} program A commander Command. @param {string} folder */
export function writeReference(schema, program, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/spec.md`, specReference(schema));
  writeFileSync(`${folder}/cli.md`, cliReference(program));
}

/** Every key of a specification: what it takes, its default, what it is for. */
export function specReference(schema) {
  const sections = Object.entries(schema.properties).map(([key, of]) => {
    const needed = (schema.required ?? []).includes(key) ? ' It must be there.' : '';
    const rows = below(of, key);
    return [
      `## ${key}`,
      '',
      `${of.description ?? ''}${needed} Takes ${takes(of)}${defaultOf(of) ? `; ${defaultOf(of)} where it is left out` : ''}.`.trim(),
      ...(rows.length > 0
        ? ['', '| Key | Takes | Default | |', '|---|---|---|---|', ...rows.map(rowText)]
        : []),
      '',
    ].join('\n');
  });
  return [
    '# Specifications: every key',
    '',
    head,
    'YAML or JSON. What is not here is refused, the nearest key named. `npx fanfare schema` prints the same as JSON Schema, for editors.',
    '',
    ...sections,
  ].join('\n');
}

/** The keys below a schema, by their dotted paths, each once. */
function below(schema, path, when = '') {
  const rows = [];
  for (const [key, of] of Object.entries(schema.properties ?? {})) {
    if (key === 'kind' && of.const !== undefined) continue;
    const needed = (schema.required ?? []).includes(key) ? 'needed' : defaultOf(of);
    rows.push({
      path: `${path}.${key}`,
      takes: takes(of),
      default: needed,
      text: of.description ?? '',
      when,
    });
    rows.push(...below(of, `${path}.${key}`, when));
  }
  const more = schema.additionalProperties;
  if (more && typeof more === 'object') rows.push(...below(more, `${path}.<name>`, when));
  if (schema.items) rows.push(...below(schema.items, `${path}[]`, when));
  for (const one of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
    const kind = one.properties?.kind;
    if (kind?.const !== undefined) {
      rows.push({
        path: `${path}.kind`,
        takes: `\`${kind.const}\``,
        default: '',
        text: kind.description ?? one.description ?? '',
        when: '',
      });
    }
    rows.push(...below(one, path, kind?.const === undefined ? when : `${path}.kind is \`${kind.const}\``));
  }
  const seen = new Set();
  return rows.filter((row) => {
    const id = JSON.stringify(row);
    return !seen.has(id) && seen.add(id);
  });
}

function rowText({ path, takes: what, default: usual, text, when }) {
  const cells = [`\`${path}\``, what, usual, [when && `Where ${when}.`, text].filter(Boolean).join(' ')];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** `a whole number, 1 or more` */
function takes(schema) {
  if (schema.enum) return schema.enum.map((one) => `\`${one}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return [...new Set(options.map(takes))].join('; or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => takes({ ...schema, type })).join('; or ');
  switch (schema.type) {
    case 'string':
      return 'a text';
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
    case 'number':
      return `a ${schema.type === 'integer' ? 'whole ' : ''}number${rangeOf(schema)}`;
    case 'array':
      return schema.items ? `a list: ${takes(schema.items)}` : 'a list';
    case 'object':
      return schema.additionalProperties &&
        typeof schema.additionalProperties === 'object' &&
        !schema.properties
        ? `by name: ${takes(schema.additionalProperties)}`
        : 'an object';
    default:
      return 'anything';
  }
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  const parts = [
    ...(minimum === undefined ? [] : [`${minimum} or more`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`${maximum} or less`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ];
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

function defaultOf(schema) {
  if (schema.default === undefined) return '';
  const text = JSON.stringify(schema.default);
  return text === '{}' || text === '[]' ? '' : `\`${text.replaceAll('"', '')}\``;
}

/** Every command: its arguments and options. Options that all jobs have are told once. */
export function cliReference(program) {
  const commands = program.commands.filter((command) => !command._hidden);
  const shared = [...sharedOptions(commands)];
  const own = (command) =>
    command.options.filter((option) => !shared.some(({ flags }) => flags === option.flags));
  return [
    '# Commands: arguments and options',
    '',
    head,
    'What exit codes, `--json` and errors are: [the command line](../cli.md).',
    '',
    '## Options of most commands',
    '',
    ...optionTable(shared),
    '',
    ...commands.flatMap((command) => [
      `## fanfare ${command.name()}`,
      '',
      `\`npx fanfare ${[command.name(), ...command.registeredArguments.map(argumentText)].join(' ')}\`: ${command.description()}.`,
      '',
      ...(command.registeredArguments.length > 0
        ? [
            '| Argument | |',
            '|---|---|',
            ...command.registeredArguments.map(
              (one) => `| \`${one.name()}\` | ${escaped(one.description)} |`,
            ),
            '',
          ]
        : []),
      ...(own(command).length > 0 ? [...optionTable(own(command)), ''] : []),
    ]),
  ].join('\n');
}

/** Those that more than half of the commands have alike. */
function sharedOptions(commands) {
  const counts = new Map();
  for (const { options } of commands) {
    for (const option of options) {
      const found = counts.get(option.flags) ?? { option, count: 0 };
      counts.set(option.flags, { option, count: found.count + 1 });
    }
  }
  return [...counts.values()].filter(({ count }) => count > commands.length / 2).map(({ option }) => option);
}

const argumentText = (one) => {
  const name = `${one.name()}${one.variadic ? '...' : ''}`;
  return one.required ? `<${name}>` : `[${name}]`;
};

const optionTable = (options) => [
  '| Option | | Default |',
  '|---|---|---|',
  ...options.map((option) => {
    const choices = option.argChoices ? ` (${option.argChoices.join(', ')})` : '';
    const env = option.envVar ? `, or ${option.envVar}` : '';
    const usual = option.defaultValue === undefined || option.negate ? '' : `\`${option.defaultValue}\``;
    return `| \`${option.flags.replaceAll('|', '\\|')}\` | ${escaped(option.description)}${choices} | ${usual}${env} |`;
  }),
];

const escaped = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
