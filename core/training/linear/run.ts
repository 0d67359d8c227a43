import { FanfareError } from '../../errors.ts';
import { decodeJson, encodeJson } from '../../store.ts';
import type { Predicted, TrainingRun, TrainingTable } from '../trainable.ts';
import { categoryStarts, interceptOf } from './design.ts';
import { exportLinear } from './export.ts';
import { type NewtonState, newtonRound } from './logistic.ts';
import { decodeMoments, type Moments } from './moments.ts';
import type { LinearParams } from './params.ts';
import { linearPass, momentsRequest } from './pass.ts';
import type { LinearManifest } from './prepare.ts';
import { fitSquared } from './squared.ts';
import { predict, type Validation } from './validation.ts';
import { startNear } from './warm-start.ts';

export interface LinearPrepared {
  readonly manifest: LinearManifest;
  /** Of a quantity. */
  readonly moments: Moments | undefined;
  readonly table: TrainingTable;
  readonly validation: Validation;
}

const format = 'linear-checkpoint-1';

/** The score of a class that no training row has: it is never the most probable, and its probability is 0. */
const never = -1e9;

/** Of a quantity one round, of its moments; of classes rounds of Newton's method, each a pass over the training side. */
export class LinearRun implements TrainingRun {
  readonly #prepared: LinearPrepared;
  readonly #params: LinearParams;
  /** The labels that have coefficients of their own. */
  readonly #classes: readonly number[];
  readonly #columns: number;
  #state: NewtonState;

  constructor(prepared: LinearPrepared, params: LinearParams, checkpoint?: Uint8Array) {
    const { task } = prepared.table;
    refuseOther(params, task.kind);
    this.#prepared = prepared;
    this.#params = params;
    this.#columns = categoryStarts(prepared.manifest.plan).at(-1)!;
    const { target } = prepared.manifest;
    const present = [...target.keys()].filter((at) => target[at]!.weight > 0);
    this.#classes = task.kind === 'multiclass' ? present : task.kind === 'binary' ? [1] : [0];
    const zeros = Array.from({ length: this.#classes.length * this.#columns }, () => 0);
    this.#state = checkpoint
      ? decodeCheckpoint(checkpoint, this.#identity())
      : { rounds: 0, coefficients: zeros, ended: false };
  }

  get resource(): number {
    return this.#state.rounds;
  }

  /** The coefficients are found; another round would not change them. */
  get ended(): boolean {
    return this.#state.ended;
  }

  /** A row a model, by the design's columns. */
  get coefficients(): readonly Float64Array[] {
    return this.#models();
  }

  async advance(resource: number, expired: () => boolean): Promise<void> {
    while (this.resource < resource && !this.ended) {
      this.#state = this.#prepared.moments ? this.#fitted(this.#prepared.moments) : await this.#round();
      if (expired()) return;
    }
  }

  validate(): Predicted {
    const { table, validation, manifest } = this.#prepared;
    return predict(validation, manifest.plan, this.#models(), table.task.kind);
  }

  checkpoint(): Uint8Array {
    return encodeJson({ format, of: this.#identity(), state: this.#state });
  }

  toOnnx(): Uint8Array {
    const { table, manifest } = this.#prepared;
    return exportLinear(manifest.plan, this.#models(), table);
  }

  #fitted(moments: Moments): NewtonState {
    const { plan, target } = this.#prepared.manifest;
    const [{ sum, weight }] = target as [LinearManifest['target'][number]];
    const coefficients = [...fitSquared(plan, moments, sum / weight, this.#params)];
    this.#refuseDiverged(coefficients);
    return { rounds: 1, coefficients, ended: true };
  }

  async #round(): Promise<NewtonState> {
    const { table, manifest } = this.#prepared;
    const { plan, target } = manifest;
    const classWeights = this.#params.class_weight === 'balanced' ? balanced(target) : null;
    const asked = { loss: 'log', plan, classes: this.#classes, classWeights } as const;
    const weight = target.reduce((sum, each, at) => sum + each.weight * (classWeights?.[at] ?? 1), 0);
    const holding = {
      columns: this.#columns,
      intercept: interceptOf(plan),
      params: this.#params,
      classes: this.#classes.length,
    };
    if (this.#state.rounds === 0 && !this.#state.isNear) {
      const rows = target.reduce((sum, each) => sum + each.rows, 0);
      this.#state = await startNear(this.#state, table, asked, holding, { rows, weight });
    }
    const request = momentsRequest({ ...asked, coefficients: this.#state.coefficients });
    const moments = decodeMoments(await table.gathered(linearPass, request));
    const next = newtonRound(this.#state, moments, weight, holding);
    this.#refuseDiverged(next.coefficients);
    return next;
  }

  /** The coefficients of each class that has a probability of its own. */
  #models(): Float64Array[] {
    const { task } = this.#prepared.table;
    const all = Float64Array.from(this.#state.coefficients);
    const of = (place: number) => all.subarray(place * this.#columns, (place + 1) * this.#columns);
    if (task.kind !== 'multiclass') return [of(0)];
    return task.classes.map((_, label) => {
      const place = this.#classes.indexOf(label);
      if (place >= 0) return of(place);
      const absent = new Float64Array(this.#columns);
      absent[interceptOf(this.#prepared.manifest.plan)] = never;
      return absent;
    });
  }

  #identity(): unknown {
    const { target, plan } = this.#prepared.manifest;
    const columns = [plan.numbers.length, ...categoryStarts(plan)];
    return { params: this.#params, target, columns };
  }

  #refuseDiverged(coefficients: readonly number[]): void {
    if (coefficients.every(Number.isFinite)) return;
    throw new FanfareError(
      'TrainableFailed',
      `linear: round ${this.resource + 1} gave a coefficient that is no number; penalise more (alpha, or a smaller C)`,
    );
  }
}

function refuseOther({ alpha, C }: LinearParams, kind: TrainingTable['task']['kind']): void {
  const [odd, given] = kind === 'regression' ? ['C', C] : ['alpha', alpha];
  if (given === undefined) return;
  const [own, what] = kind === 'regression' ? ['alpha', 'a quantity'] : ['C', 'classes'];
  throw new FanfareError(
    'TrainableFailed',
    `linear: ${odd} is given (${given}), but the target is ${what}: give ${own}`,
  );
}

/** So that all classes weigh alike, and together what the rows do. */
function balanced(target: LinearManifest['target']): number[] {
  const present = target.filter(({ weight }) => weight > 0);
  const whole = present.reduce((sum, { weight }) => sum + weight, 0);
  return target.map(({ weight }) => (weight > 0 ? whole / (present.length * weight) : 0));
}

/** `TrainableFailed` if the checkpoint is of other params or rows, or is cut off. */
function decodeCheckpoint(bytes: Uint8Array, wanted: unknown): NewtonState {
  const found = decodeJson(bytes) as { format?: string; of?: unknown; state: NewtonState };
  if (found.format === format && JSON.stringify(found.of) === JSON.stringify(wanted)) return found.state;
  throw new FanfareError(
    'TrainableFailed',
    `linear: the checkpoint is of ${found.format} ${JSON.stringify(found.of)}, this run is ${JSON.stringify(wanted)}`,
  );
}
