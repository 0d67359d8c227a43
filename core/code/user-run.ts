import { FanfareError } from '../errors.ts';
import type { TrainingRun, Validated } from '../training/trainable.ts';
import { failureText, kindOf } from './module.ts';
import { decodeSaved, encodeSaved } from './saved-run.ts';
import type { TrainingReport, TrainOptions } from './trainable.ts';

type Reports = Iterable<TrainingReport> | AsyncIterable<TrainingReport>;
type Train = (from: TrainOptions<unknown, unknown>['from']) => Reports;

/** A trial of a user's trainable: what its generator reported last, and a look at the next report when there is time. */
export class UserRun implements TrainingRun {
  readonly #file: string;
  readonly #until: number;
  readonly #reports: Iterator<TrainingReport> | AsyncIterator<TrainingReport>;
  /** Undefined until the first report. */
  #last: TrainingReport | undefined;
  #ended = false;
  /** Of the last report, made when it is first asked for. */
  #model: Promise<Uint8Array> | undefined;

  /** `TrainableFailed` where `train` gives no reports to ask for. */
  constructor(file: string, train: Train, until: number, checkpoint?: Uint8Array) {
    this.#file = file;
    this.#until = until;
    const saved = checkpoint && decodeSaved(checkpoint);
    if (saved) {
      const { resource, value, metrics, ended, model } = saved;
      this.#ended = ended;
      this.#last = {
        resource,
        value,
        metrics,
        checkpoint: () => saved.checkpoint,
        ...(model && { model: () => model }),
      };
    }
    this.#reports = this.#begin(train, saved ?? { resource: 0 });
  }

  get resource(): number {
    return this.#last?.resource ?? 0;
  }

  get ended(): boolean {
    return this.#ended;
  }

  async advance(resource: number, expired: () => boolean): Promise<void> {
    while (this.resource < resource && !this.#ended) {
      const { done, value: report } = await this.#told(() => this.#reports.next());
      if (done) {
        this.#ended = true;
      } else {
        this.#last = this.#checked(report);
        this.#model = undefined;
      }
      if (expired()) return;
    }
  }

  validate(): Validated {
    const { value, metrics = {} } = this.#reported();
    return { value, metrics };
  }

  async checkpoint(): Promise<Uint8Array> {
    const { resource, value, metrics = {}, checkpoint } = this.#reported();
    const bytes = await this.#bytes('checkpoint', checkpoint);
    const model = await this.toOnnx();
    const stands = { resource, value, metrics, ended: this.#ended };
    return encodeSaved({ ...stands, checkpoint: bytes, ...(model && { model }) });
  }

  async toOnnx(): Promise<Uint8Array | undefined> {
    const { model } = this.#reported();
    if (model) this.#model ??= this.#bytes('model', model);
    return this.#model;
  }

  async close(): Promise<void> {
    await this.#told(async () => this.#reports.return?.());
  }

  #begin(train: Train, { resource, checkpoint }: Parameters<Train>[0]) {
    let reports: Partial<Iterable<TrainingReport> & AsyncIterable<TrainingReport>>;
    try {
      reports = Object(train({ resource, ...(checkpoint && { checkpoint }) }));
    } catch (error) {
      throw trialFailure(error, this.#file);
    }
    const begun = reports[Symbol.asyncIterator]?.() ?? reports[Symbol.iterator]?.();
    return begun ?? this.#refuse(`train gives ${kindOf(reports)}, no reports: write it as async *train`);
  }

  #reported(): TrainingReport {
    return this.#last ?? this.#refuse('train ended without a report');
  }

  #checked(report: TrainingReport): TrainingReport {
    const { resource, value, metrics, checkpoint, model } = Object(report) as Partial<TrainingReport>;
    const had = this.resource;
    const said = `it reported resource ${String(resource)}`;
    if (!Number.isSafeInteger(resource)) return this.#refuse(`${said}; a whole number is needed`);
    if (resource! <= had) {
      return this.#refuse(`${said} after ${had}: what a trial has had can only rise`);
    }
    if (resource! > this.#until) {
      return this.#refuse(`${said}, beyond the ${this.#until} that it was to train until`);
    }
    if (typeof value !== 'number') {
      return this.#refuse(`the value at resource ${resource} is ${kindOf(value)}; a number is needed`);
    }
    if (!Number.isFinite(value)) {
      return this.#refuse(`the trial diverged: its value at resource ${resource} is ${value}`);
    }
    const wrong = Object.entries(Object(metrics)).find(([, each]) => !Number.isFinite(each));
    if (wrong)
      return this.#refuse(
        `metrics.${wrong[0]} at resource ${resource} is ${kindOf(wrong[1])}; a finite number is needed`,
      );
    if (typeof checkpoint !== 'function') {
      return this.#refuse(
        `checkpoint is ${kindOf(checkpoint)}; a function that gives a Uint8Array is needed`,
      );
    }
    if (model !== undefined && typeof model !== 'function') {
      return this.#refuse(`model is ${kindOf(model)}; a function that gives a Uint8Array is needed`);
    }
    return report;
  }

  async #bytes(what: string, make: () => Uint8Array | Promise<Uint8Array>): Promise<Uint8Array> {
    const bytes = await this.#told(make);
    if (bytes instanceof Uint8Array) return new Uint8Array(bytes);
    return this.#refuse(`${what}() gives ${kindOf(bytes)}; a Uint8Array is needed`);
  }

  async #told<T>(ask: () => T | Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw trialFailure(error, this.#file);
    }
  }

  #refuse(why: string): never {
    throw new FanfareError('TrainableFailed', `${this.#file}: ${why}`);
  }
}

/** What user code threw, as its trial's failure. What is wrong with the table it read stays what it is. */
export function trialFailure(error: unknown, file: string): FanfareError {
  if (error instanceof FanfareError && error.name !== 'UserCodeFailed') return error;
  return new FanfareError('TrainableFailed', failureText(error, file), { cause: error });
}
