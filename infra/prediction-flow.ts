import type { Construct } from 'constructs';
import { keys } from '../core/contracts/keys.ts';
import { Flow, type FlowProps, ownFunctions } from './flow.ts';

/** Runs a model over a table or a dataset's test side: `flows/predict.asl.json`. Input: `{ spec, model, dataset }`. */
export class PredictionFlow extends Flow {
  constructor(scope: Construct, id: string, props: FlowProps) {
    super(scope, id, {
      ...props,
      name: 'predict',
      functions: props.functions ?? ownFunctions(scope, id, 'predict', props),
      reads: [keys.shardList('predictions/*/')],
      writes: ['maps/*'],
    });
  }
}
