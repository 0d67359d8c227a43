import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Study, Trial } from '../core/contracts/study.ts';
import { FanfareError } from '../core/errors.ts';
import { optunaJournal } from '../core/export/optuna-journal.ts';
import { rungTable, trialTable } from '../core/export/trial-table.ts';
import { findConclusion, readHistory } from '../core/search/study-folder.ts';
import { trialsOf } from '../core/search/trials.ts';
import { encodeTable } from '../core/tables/write.ts';
import type { Engine } from './engine.ts';
import { studyNamed } from './find-study.ts';

export const exportFormats = ['optuna-journal', 'csv', 'parquet', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Where it is written; `<id>.journal`, `<id>.csv` … in the current folder where it is left out. */
  readonly out?: string;
  /** Of tables: a row a rung that a trial finished, in place of a row a trial. */
  readonly rungs?: boolean;
}

export interface ExportDocument {
  readonly command: 'export';
  readonly study: string;
  readonly format: ExportFormat;
  /** The whole path. */
  readonly file: string;
  readonly bytes: number;
  readonly trials: number;
}

/** Writes a study's trials as other tools read them. `MissingInput` says which studies there are. */
export async function exportStudy(
  { store }: Engine,
  given: string,
  options: ExportOptions,
): Promise<ExportDocument> {
  const { format, rungs = false } = options;
  if (rungs && (format === 'json' || format === 'optuna-journal')) {
    throw new FanfareError(
      'InvalidSpec',
      `rungs are rows of csv or parquet; ${format} has those of each trial`,
    );
  }
  const study = await studyNamed(store, given);
  const { study: id } = study;
  const history = await readHistory(store, id);
  const ended = (await findConclusion(store, study, history)) !== undefined;
  const trials = trialsOf(study, history, ended);
  const bytes = encoded(study, trials, format, rungs);
  const file = resolve(options.out ?? `${id}.${format === 'optuna-journal' ? 'journal' : format}`);
  await writeFile(file, bytes);
  return { command: 'export', study: id, format, file, bytes: bytes.length, trials: trials.length };
}

function encoded(study: Study, trials: readonly Trial[], format: ExportFormat, rungs: boolean): Uint8Array {
  switch (format) {
    case 'optuna-journal':
      return Buffer.from(optunaJournal(study, trials));
    case 'json':
      return Buffer.from(`${JSON.stringify({ study, trials })}\n`);
    case 'csv':
    case 'parquet':
      return encodeTable(format, [rungs ? rungTable(study, trials) : trialTable(study, trials)]);
  }
}
