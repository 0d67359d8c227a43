import { stripVTControlCharacters } from 'node:util';
import { vi } from 'vitest';
import { reportFailure } from '../../cli/output/failure.ts';

/** The line that a person reads on stderr when a command fails with this. */
export function toldOf(failure: unknown): string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    reportFailure(failure, { json: false, quiet: false });
    return stripVTControlCharacters(write.mock.calls.map(([text]) => String(text)).join('')).trimEnd();
  } finally {
    write.mockRestore();
  }
}
