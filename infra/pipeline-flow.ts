import type { Construct } from 'constructs';
import { callsOf, Flow, type FlowProps } from './flow.ts';
import { FanfareFunctions } from './functions.ts';
import { PredictionFlow } from './prediction-flow.ts';
import { SplitFlow } from './split-flow.ts';
import { TuningFlow } from './tuning-flow.ts';

export interface PipelineFlowProps extends FlowProps {
  /** The flows that it runs one after another. Default: flows of its own, which share its functions. */
  readonly flows?: { readonly split: SplitFlow; readonly tune: TuningFlow; readonly predict: PredictionFlow };
}

/** Split, tune, predict, evaluate, promote: `flows/pipeline.asl.json`. Input: `{ spec, lanes }`. */
export class PipelineFlow extends Flow {
  readonly flows: NonNullable<PipelineFlowProps['flows']>;

  constructor(scope: Construct, id: string, props: PipelineFlowProps) {
    const functions = props.functions ?? allFunctions(scope, id, props);
    const shared = { ...props, functions };
    const flows = props.flows ?? {
      split: new SplitFlow(scope, `${id}Split`, shared),
      tune: new TuningFlow(scope, `${id}Tune`, shared),
      predict: new PredictionFlow(scope, `${id}Predict`, shared),
    };
    super(scope, id, { ...props, name: 'pipeline', functions, starts: flows });
    this.flows = flows;
  }
}

/** One set for the pipeline and its flows, so that one aggregator alone talks to MLflow. */
function allFunctions(scope: Construct, id: string, { bucket, logRetention }: FlowProps): FanfareFunctions {
  const only = new Set(
    (['split', 'tune', 'predict', 'pipeline'] as const).flatMap((name) => callsOf(name).functions),
  );
  return new FanfareFunctions(scope, `${id}Functions`, {
    bucket,
    only: [...only],
    ...(logRetention !== undefined && { logRetention }),
  });
}
