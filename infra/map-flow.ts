import type { Construct } from 'constructs';
import { keys } from '../core/contracts/keys.ts';
import { Flow, type FlowProps, ownFunctions } from './flow.ts';

/** Runs user code over a dataset, and writes what it gives as another: `flows/map.asl.json`. Input: `{ spec }`. */
export class MapFlow extends Flow {
  constructor(scope: Construct, id: string, props: FlowProps) {
    super(scope, id, {
      ...props,
      name: 'map',
      functions: props.functions ?? ownFunctions(scope, id, 'map', props),
      reads: [keys.shardList('datasets/*/')],
      writes: ['maps/*'],
    });
  }
}
