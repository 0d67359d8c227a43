import type { FlowName, FunctionName } from '../core/contracts/functions.ts';
import type { MapSpec, PredictionSpec, Spec } from '../core/contracts/spec.ts';
import type { Json } from '../core/json.ts';
import type { ObjectStore, OpenSources } from '../core/store.ts';
import type { Execution } from './remote/executions.ts';

/** What a person asked for. It runs one flow, or (`tune`) two; `resume` asks for the same again. */
export type Job =
  | {
      readonly command: Exclude<FlowName, 'map'>;
      readonly spec: Spec;
      /** `predict --model`; null: the one that the specification means. */
      readonly model: string | null;
    }
  /** What was started by the upload of a table has no whole specification. */
  | { readonly command: 'predict'; readonly spec: PredictionSpec; readonly model: string | null }
  | { readonly command: 'map'; readonly spec: MapSpec; readonly model: null };

/** Who works on a specification's name: a command of this machine, or an execution of one of the stack's flows. */
export type Run =
  | { readonly kind: 'process'; readonly name: string; readonly pid: number; readonly command: string }
  | ({ readonly kind: 'execution' } & Execution);

/** Where flows run, as the library sees it: this machine, or a stack on AWS. */
export interface Engine {
  readonly kind: 'local' | 'aws';
  readonly store: ObjectStore;
  /** Opens the tables that specifications name. */
  readonly open: OpenSources;
  /** Where the objects lie: a folder, or `s3://bucket`. */
  readonly place: string;
  /** Trials at the same time, for a specification that does not say. */
  lanes(spec: Spec): number;
  /** Brings the tables and user code within reach of the functions: the specification with their places there. */
  bring<S extends Spec | PredictionSpec>(spec: S): Promise<S>;
  /** That flow is about to be run: what takes long to start is started, while what it is to work on is made ready. */
  expect(flow: FlowName): void;
  /** The flow's output; `FlowFailed` if it fails. Nobody else runs one of the specification's name meanwhile. */
  run(flow: FlowName, job: Job, input: Readonly<Record<string, Json>>): Promise<Json>;
  invoke(name: FunctionName, request: Json): Promise<Json>;
  /** What was last asked for under a specification's name, its tables within reach already. */
  last(name: string): Promise<Job | undefined>;
  /** Ends what runs under that name, so that it can go on later. Says what it ended. */
  stop(name: string): Promise<readonly string[]>;
  /** What runs under names that begin so; on AWS the latest that ran, too. */
  runs(prefix: string): Promise<readonly Run[]>;
  /** The most memory that a process of each function had, in MiB; empty on AWS. */
  peaks(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}
