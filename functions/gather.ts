import { ShardRequest } from '../core/contracts/requests.ts';
import { gather } from '../core/steps/gather.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(ShardRequest, gather);
