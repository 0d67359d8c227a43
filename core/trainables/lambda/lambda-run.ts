import { decodeSaved, encodeSaved, type SavedRun } from '../../code/saved-run.ts';
import { TrainableAnswer, type TrainableCall } from '../../contracts/trainable-call.ts';
import { sha256 } from '../../digest.ts';
import { FanfareError } from '../../errors.ts';
import type { Ports } from '../../steps/ports.ts';
import type { TrainingRun, Validated } from '../../training/trainable.ts';

/** Who is called, and where what it writes lies until it is read: a prefix of this trial's own. */
export interface CallPlace {
  readonly reference: string;
  readonly ports: Pick<Ports, 'store' | 'calls' | 'remaining'>;
  prefix(): Promise<string>;
}

/** A trial that a Lambda function trains: each `advance` calls it until the resource is reached or the time is up. */
export class LambdaRun implements TrainingRun {
  readonly #place: CallPlace;
  readonly #trial: Pick<TrainableCall, 'params' | 'seed' | 'trial' | 'data'>;
  readonly #written = new Set<string>();
  #last: SavedRun | undefined;

  constructor(
    place: CallPlace,
    trial: Pick<TrainableCall, 'params' | 'seed' | 'trial' | 'data'>,
    saved?: Uint8Array,
  ) {
    this.#place = place;
    this.#trial = trial;
    this.#last = saved && decodeSaved(saved);
  }

  get resource(): number {
    return this.#last?.resource ?? 0;
  }

  get ended(): boolean {
    return this.#last?.ended ?? false;
  }

  async advance(resource: number, expired: () => boolean): Promise<void> {
    while (this.resource < resource && !this.ended) {
      this.#last = await this.#call(resource);
      if (expired()) return;
    }
  }

  validate(): Validated {
    const { value, metrics } = this.#reported();
    return { value, metrics };
  }

  async checkpoint(): Promise<Uint8Array> {
    return encodeSaved(this.#reported());
  }

  async toOnnx(): Promise<Uint8Array | undefined> {
    return this.#reported().model;
  }

  /** What the function wrote was read, and is the study's now. */
  async close(): Promise<void> {
    for (const key of this.#written) await this.#place.ports.store.delete(key);
    this.#written.clear();
  }

  async #call(until: number): Promise<SavedRun> {
    const { reference, ports } = this.#place;
    const { uri } = ports.calls;
    const from = this.resource;
    const prefix = `${await this.#place.prefix()}${from}-${until}`;
    const [began, checkpoint, model] = ['began', 'checkpoint', 'onnx'].map((end) => `${prefix}.${end}`) as [
      string,
      string,
      string,
    ];
    for (const key of [began, checkpoint, model]) this.#written.add(key);
    if (this.#last) await ports.store.put(began, this.#last.checkpoint);
    const call: TrainableCall = {
      ...{ ask: 'train', ...this.#trial, until },
      from: { resource: from, checkpoint: this.#last ? uri(began) : null },
      write: { checkpoint: uri(checkpoint), model: uri(model) },
      remaining: Math.max(0, Math.floor(ports.remaining())),
    };
    const answer = this.#checked(await ports.calls.call(reference, call), until);
    const { resource, value, metrics, ended } = answer;
    return {
      ...{ resource, value, metrics, ended },
      checkpoint: await this.#read(checkpoint, answer.checkpoint.sha256),
      ...(answer.model && { model: await this.#read(model, answer.model.sha256) }),
    };
  }

  #checked(given: unknown, until: number): TrainableAnswer {
    const parsed = TrainableAnswer.safeParse(given);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return this.#refuse(
        `it answered ${JSON.stringify(given)?.slice(0, 200)}: ${issue!.path.join('.')}: ${issue!.message}`,
      );
    }
    const { resource } = parsed.data;
    if (resource <= this.resource) {
      return this.#refuse(
        `it reported resource ${resource} after ${this.resource}: what a trial has had can only rise`,
      );
    }
    if (resource <= until) return parsed.data;
    return this.#refuse(`it reported resource ${resource}, beyond the ${until} that it was to train until`);
  }

  /** Another attempt at this rung may be writing there: what was not written for this answer is not taken. */
  async #read(key: string, digest: string): Promise<Uint8Array> {
    const body = (await this.#place.ports.store.get(key))?.body;
    if (body && (await sha256(body)) === digest) return body;
    return this.#refuse(
      `${key} ${body ? 'has other bytes than it answered for' : 'is not there, though it answered for it'}`,
    );
  }

  #reported(): SavedRun {
    return this.#last ?? this.#refuse('it was not called yet');
  }

  #refuse(why: string): never {
    throw new FanfareError('TrainableFailed', `${this.#place.reference}: ${why}`);
  }
}
