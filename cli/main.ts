import { reportFailure } from './output/failure.ts';
import { program } from './program.ts';
import { usageOf } from './usage.ts';

/** Does what the words of a command line ask for; the exit code is set. */
export async function main(given: readonly string[]): Promise<void> {
  /** Whoever reads what is written may stop reading: `fanfare list | head -1`. */
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const asked = { json: given.includes('--json'), quiet: given.includes('--quiet') || given.includes('-q') };
  for (const command of [program, ...program.commands]) {
    // Mistakes of usage are told as all others are.
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportFailure(usageOf(error, given, program), asked);
  }
}
