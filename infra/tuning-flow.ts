import type { Construct } from 'constructs';
import { keys } from '../core/contracts/keys.ts';
import { Flow, type FlowProps, ownFunctions } from './flow.ts';

/** Searches for the best trial of a study over its lanes: `flows/tune.asl.json`. Input: `{ spec, dataset, lanes }`. */
export class TuningFlow extends Flow {
  constructor(scope: Construct, id: string, props: FlowProps) {
    super(scope, id, {
      ...props,
      name: 'tune',
      functions: props.functions ?? ownFunctions(scope, id, 'tune', props),
      reads: ['studies/*/lanes/*', keys.shardList('datasets/*/bins/*/passes/*/')],
      writes: ['maps/*'],
    });
  }
}
