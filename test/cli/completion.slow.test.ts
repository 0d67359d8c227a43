import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openDesk } from '../support/cli.ts';

const run = promisify(execFile);
const bashCompletion = '/usr/share/bash-completion/bash_completion';
const has = (program: string) =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  for (const name of ['churn.yaml', 'chum.yml', 'churn.csv', 'other.yaml']) await desk.write(name, '');
  await desk.write('specs/late.yaml', '');
  const ids = ['studies/churn-0123456789ab', 'predictions/churn-abcdef012345', 'datasets/late-0123456789ab'];
  for (const id of ids) await mkdir(join(desk.home, 'store', id), { recursive: true });
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await run(process.execPath, [resolve('dist/cli/fanfare.mjs'), 'completion', shell]);
    await writeFile(desk.path(`completion.${shell}`), stdout);
  }
});
afterAll(() => desk?.clear());

const shell = async (program: string, ...args: string[]) => {
  const env = { ...process.env, FANFARE_HOME: desk.home };
  const { stdout } = await run(program, args, { cwd: desk.path('.'), env });
  return stdout
    .split('\n')
    .map((line) => line.split('\t')[0]!.trim())
    .filter((line) => line !== '')
    .toSorted();
};

const lines: readonly (readonly [string, readonly string[]])[] = [
  ['fanfare tun', ['tune']],
  ['fanfare re', ['replay', 'report', 'resume', 'retry-rejects']],
  ['fanfare tune chu', ['chum.yml', 'churn.yaml']],
  ['fanfare tune specs/', ['specs/late.yaml']],
  ['fanfare describe churn.', ['churn.csv', 'churn.yaml']],
  ['fanfare tune churn.yaml --engine ', ['aws', 'local']],
  ['fanfare tune churn.yaml --eng', ['--engine']],
  ['fanfare init --trainable l', ['linear']],
  ['fanfare show chu', ['churn', 'churn-0123456789ab', 'churn-abcdef012345']],
  ['fanfare verify ', ['churn', 'churn-abcdef012345']],
];

const inBash = `
  source ${bashCompletion}; source ./completion.bash; compopt() { :; }
  read -ra COMP_WORDS <<< "$1"; [[ "$1" == *" " ]] && COMP_WORDS+=("")
  COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); COMP_LINE="$1"; COMP_POINT=\${#COMP_LINE}
  __fanfare_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;

describe('what a shell offers', () => {
  test.skipIf(!existsSync(bashCompletion)).each(lines)('bash: %s', async (line, offered) => {
    expect(await shell('bash', '-c', inBash, 'bash', line)).toEqual(offered);
  });

  test.skipIf(!has('fish')).each(lines.slice(0, 6))('fish: %s', async (line, offered) => {
    const found = await shell('fish', '-c', `source completion.fish; complete -C ${JSON.stringify(line)}`);
    expect(found).toEqual(offered);
  });

  test.skipIf(!has('zsh'))('zsh reads its script', async () => {
    expect(await shell('zsh', '-n', 'completion.zsh')).toEqual([]);
  });
});
