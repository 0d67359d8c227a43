import { type Arena, growTo, padTo16 } from './arena.ts';
import { baseScores } from './base-scores.ts';
import { classWeights, weighed } from './class-weights.ts';
import { histogramBytes } from './grow.ts';
import { monotoneOf } from './monotone.ts';
import { type Objective, objectiveOf, outputsOf } from './objective.ts';
import type { GbdtParams } from './params.ts';

/** What a run's rounds have in common. */
export interface Setup {
  readonly params: GbdtParams;
  readonly objective: Objective;
  /** Trees a round. */
  readonly outputs: number;
  /** A row's scores before any tree. */
  readonly base: Float32Array;
  /** What a training row counts; undefined where all count alike. */
  readonly weights: Float32Array | undefined;
  readonly directions: Int8Array | undefined;
}

/** `TrainableFailed` where the parameters do not go with the table. */
export function setUp({ manifest, memory, train }: Arena, params: GbdtParams): Setup {
  const { task, plan } = manifest;
  const objective = objectiveOf(task, params);
  const labels = new Float32Array(memory.buffer, train.labels, train.count);
  const factors = classWeights(task, params, manifest.train.classes);
  const rows = weighed(labels, train.weights, factors.rows);
  return {
    params,
    objective,
    outputs: outputsOf(task),
    base: baseScores(objective, labels, rows),
    weights: weighed(labels, rows, factors.loss),
    directions: monotoneOf(params.monotone_constraints, plan.features),
  };
}

/** Where the run's weights, if it has any, and its histograms are. */
export interface Room {
  readonly weights: number | undefined;
  readonly histograms: number;
}

/** Makes room for them in the arena. */
export function makeRoom(arena: Arena, { params, weights }: Setup): Room {
  const histograms = arena.free + (weights ? padTo16(weights.length) * 4 : 0);
  growTo(
    arena.memory,
    histograms + params.leaves * histogramBytes(arena, arena.manifest.plan.features.length),
  );
  return { weights: weights && arena.free, histograms };
}
