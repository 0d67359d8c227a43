import type { PredictedRows } from '../contracts/job.ts';
import { PredictedPiece, PredictReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { ObjectStore } from '../store.ts';
import { agreedFields } from './job.ts';
import { readAll, writeFirst } from './objects.ts';

/** What is predicted of a shard, piece after piece. */
export async function piecesOf(store: ObjectStore, job: string, shard: number): Promise<PredictedPiece[]> {
  const pieces = await readAll(store, keys.progress(job, shard), PredictedPiece);
  return pieces.toSorted((a, b) => a.piece - b.piece);
}

/** Keeps a piece, and gives the one that is kept: of several workers on one shard the first says where the next piece begins. */
export const keepPiece = (
  store: ObjectStore,
  job: string,
  shard: number,
  piece: PredictedPiece,
): Promise<PredictedPiece> => writeFirst(store, keys.piece(job, shard, piece.piece), piece, PredictedPiece);

/** The shard is done with these. */
export async function writeReceipt(
  store: ObjectStore,
  job: string,
  shard: number,
  pieces: readonly PredictedRows[],
): Promise<PredictReceipt> {
  const sum = (of: (piece: PredictedRows) => number) => pieces.reduce((total, piece) => total + of(piece), 0);
  const fields = pieces.some((piece) => piece.fields)
    ? agreedFields(pieces.map((piece) => ({ shard, fields: piece.fields })))
    : null;
  const receipt: PredictReceipt = {
    shard,
    rows: sum(({ rows }) => rows),
    predicted: sum(({ predicted }) => predicted),
    rejected: sum(({ rejected }) => rejected),
    fields,
    parts: pieces.flatMap(({ parts }) => parts),
    rejects: pieces.flatMap(({ rejects }) => rejects),
    places: pieces.flatMap(({ places }) => places),
    scores: pieces.flatMap(({ scores }) => scores),
    drift: pieces.flatMap(({ drift }) => drift),
    work: pieces.flatMap(({ work }) => work),
  };
  return writeFirst(store, keys.receipt(job, shard), receipt, PredictReceipt);
}
