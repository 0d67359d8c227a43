import { type Arena, recordBytes } from './arena.ts';
import type { Objective } from './objective.ts';

/** What the gradients of a round share, before the first of its trees changes the scores. */
export function beginRound(
  { kernel, train, scores, softmaxMost, softmaxShares }: Arena,
  objective: Objective,
): void {
  if (objective.kind !== 'softmax') return;
  kernel.softmaxParts(scores, train.pitch * 4, objective.classes, train.pitch, softmaxMost, softmaxShares);
}

/** Writes each row's gradient and hessian, for that one of its scores, into the records. `weights`: where they are, if any. */
export function fillGradients(
  arena: Arena,
  objective: Objective,
  output: number,
  features: number,
  weights: number | undefined,
): void {
  const { kernel, train, records } = arena;
  const { labels, pitch: rows } = train;
  const scores = scoresOf(arena, output);
  const stride = recordBytes(features);
  switch (objective.kind) {
    case 'logistic':
      kernel.logistic(scores, labels, rows, records, stride);
      break;
    case 'softmax': {
      const { softmaxMost: most, softmaxShares: shares } = arena;
      const factor = objective.classes / (objective.classes - 1);
      kernel.softmax(scores, most, shares, labels, output, factor, rows, records, stride);
      break;
    }
    case 'squared':
      kernel.squared(scores, labels, rows, records, stride);
      break;
    case 'absolute':
      kernel.sided(scores, labels, -1, 0, 1, rows, records, stride);
      break;
    case 'quantile': {
      const above = 1 - objective.share;
      kernel.sided(scores, labels, -objective.share, above, above, rows, records, stride);
      break;
    }
    case 'poisson':
      kernel.poisson(scores, labels, objective.factor, rows, records, stride);
      break;
  }
  if (weights !== undefined) kernel.weigh(weights, train.count, records, stride);
}

/** Where the training rows' scores of that output are. */
export const scoresOf = ({ scores, train }: Arena, output: number): number =>
  scores + output * train.pitch * 4;
