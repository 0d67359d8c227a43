import type { JobDocument } from '../../library/documents.ts';
import type { Options } from '../session.ts';
import { placeRows, print, table } from './print.ts';
import { recordHint } from './record-hint.ts';
import { rowsOf } from './rows.ts';

/** A job's document on stdout, or what it says to a person. */
export function report(document: JobDocument, options: Options): void {
  const { store, files } = document;
  print(
    options.json,
    document,
    table([...rowsOf(document), ...placeRows(store, files), ...recordHint(document, options)]),
  );
}
