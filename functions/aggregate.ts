import { AggregateRequest } from '../core/contracts/requests.ts';
import { aggregate } from '../core/steps/aggregate.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(AggregateRequest, aggregate);
