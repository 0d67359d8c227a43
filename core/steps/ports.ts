import type { UserModule } from '../code/module.ts';
import type { Model } from '../onnx/model.ts';
import type { ObjectStore, OpenSources } from '../store.ts';
import type { Gunzip } from '../tables/gzip.ts';
import type { Decompressors } from '../tables/shard.ts';
import type { Tracker } from '../tracking/tracker.ts';
import type { TrainableCalls } from '../trainables/lambda/calls.ts';
import type { TrainingPorts } from '../training/trainable.ts';

/** What a step needs of the world; `functions/shared` gives the real ones. */
export interface Ports extends TrainingPorts {
  readonly store: ObjectStore;
  readonly open: OpenSources;
  readonly loadModel: (bytes: Uint8Array) => Promise<Model>;
  /** The module behind `code:<digest>`, once a process. `InvalidSpec` for any other reference, `MissingInput` where it is not in the store. */
  readonly loadCode: (reference: string) => Promise<UserModule>;
  /** Trainables that are functions of their own. */
  readonly calls: TrainableCalls;
  /** MLflow, or undefined where no server is named. Only `aggregate` asks. */
  readonly tracker: Tracker | undefined;
  readonly decompressors: Decompressors;
  /** Of tables that are compressed as a whole. */
  readonly gunzip: Gunzip;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds until this invocation is killed. */
  readonly remaining: () => number;
  readonly warm: Warm;
  /** Of the training side, that one invocation reads in a pass; `mostPartBytes` where it is not given. */
  readonly partBytes?: number;
}

/** What a process keeps between invocations: one value a slot, made anew when it is asked for under another key. */
export interface Warm {
  keep<Value>(slot: string, key: string, make: () => Promise<Value>): Promise<Value>;
}

export function keepWarm(): Warm {
  const slots = new Map<string, { readonly key: string; readonly value: unknown }>();
  return {
    async keep<Value>(slot: string, key: string, make: () => Promise<Value>): Promise<Value> {
      const held = slots.get(slot);
      if (held?.key === key) return held.value as Value;
      // The old one goes first, so that two large ones are never in memory together.
      slots.delete(slot);
      const value = await make();
      slots.set(slot, { key, value });
      return value;
    },
  };
}
