import type { Construct } from 'constructs';
import { keys } from '../core/contracts/keys.ts';
import { Flow, type FlowProps, ownFunctions } from './flow.ts';

/** Cuts a table into train, validation and test partitions: `flows/split.asl.json`. Input: `{ spec }`. */
export class SplitFlow extends Flow {
  constructor(scope: Construct, id: string, props: FlowProps) {
    super(scope, id, {
      ...props,
      name: 'split',
      functions: props.functions ?? ownFunctions(scope, id, 'split', props),
      reads: [keys.shardList('datasets/*/')],
      writes: ['maps/*'],
    });
  }
}
