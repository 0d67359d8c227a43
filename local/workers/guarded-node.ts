import { spawnSync } from 'node:child_process';

type Command = readonly [program: string, ...words: string[]];

let command: Command | undefined;

/**
 * How Node is started so that the system ends it with its parent: by setpriv (util-linux 2.33 and later), which asks for what
 * Node cannot. Node alone where there is none.
 */
export function guardedNode(): Command {
  command ??= canGuard() ? [setpriv, ...guard, process.execPath] : [process.execPath];
  return command;
}

const setpriv = 'setpriv';
const guard = ['--pdeathsig', 'KILL'];

const canGuard = (): boolean =>
  process.platform === 'linux' && spawnSync(setpriv, [...guard, 'true']).status === 0;
