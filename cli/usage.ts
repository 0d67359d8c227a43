import { type Command, CommanderError } from 'commander';

/** The command line cannot be meant. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

/** Commander's complaint as an error of ours, with where help is; null where it only did as asked (`--help`). */
export function usageOf(error: unknown, given: readonly string[], program: Command): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return null;
  const named = program.commands.find((command) => given.includes(command.name()))?.name();
  const help = `npx fanfare ${named ? `${named} ` : ''}--help`;
  // Without a command it has shown all of its help.
  const said =
    error.code === 'commander.help' ? 'no command was given' : error.message.replace(/^error: /, '');
  return new Usage(`${said}\n${help} says what there is`);
}
