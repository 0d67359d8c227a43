import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { home } from './session.ts';

type Handler = () => readonly string[];

/** `fanfare completion bash|zsh|fish|powershell`, by commander's own definition; and what stands in the folder and the store. */
export function addCompletion(program: Command): void {
  const root = tab(program, { completionCommandName: 'completion' });
  // A command that is an alias, npx's or a path's own is completed by the one that printed the script.
  const { setup } = root;
  const script = [process.execPath, process.argv[1] ?? ''].map((path) => path.replaceAll(' ', '\\ '));
  root.setup = (name, _, shell) => setup.call(root, name, script.join(' '), shell);
  for (const command of root.commands.values()) {
    for (const argument of command.arguments.values()) {
      const find = byArgument[argument.name];
      if (find) argument.handler = completing(find);
    }
    for (const option of command.options.values()) {
      const find = byOption[option.value];
      if (find) option.handler = completing(find);
    }
  }
}

const completing = (find: Handler) => (complete: (value: string, description: string) => void) => {
  for (const value of find()) complete(value, '');
};

/** What is being completed: the last word. */
const typed = (): string => process.argv.at(-1) ?? '';

/** Files below the folder that was typed so far that end so, and folders. */
const filesEnding =
  (pattern: RegExp): Handler =>
  () => {
    const word = typed();
    const folder = word.includes('/') ? (word.endsWith('/') ? word : dirname(word)) : '.';
    const at = folder === '.' && !word.startsWith('./') ? '' : folder.endsWith('/') ? folder : `${folder}/`;
    return entriesOf(folder).flatMap((entry) => {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
      if (entry.isDirectory()) return [`${at}${entry.name}/`];
      return pattern.test(entry.name) ? [`${at}${entry.name}`] : [];
    });
  };

const specs = filesEnding(/\.ya?ml$/);
const tables = filesEnding(/\.(ya?ml|parquet|pq|csv|tsv|ndjson|jsonl|json|arrow|feather|ipc|gz)$/);

/** The ids of a kind in the store of this machine, and the names before them. */
const idsIn =
  (...kinds: readonly string[]): Handler =>
  () => {
    const ids = kinds.flatMap((kind) =>
      entriesOf(join(home, 'store', kind)).map(({ name }) => basename(name)),
    );
    return [...new Set([...ids.map((id) => id.slice(0, -13)), ...ids])];
  };

const byArgument: Readonly<Record<string, Handler>> = {
  spec: specs,
  'spec-or-table': tables,
  table: tables,
  module: filesEnding(/\.(ts|mts|js|mjs)$/),
  dataset: idsIn('datasets'),
  prediction: idsIn('predictions'),
  study: idsIn('studies'),
  studies: idsIn('studies'),
  name: idsIn('studies', 'predictions', 'datasets'),
};

const byOption: Readonly<Record<string, Handler>> = {
  spec: specs,
  from: filesEnding(/\.ndjson$/),
  model: filesEnding(/\.onnx$/),
  home: filesEnding(/^$/),
};

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
