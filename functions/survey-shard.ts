import { ShardRequest } from '../core/contracts/requests.ts';
import { surveyShard } from '../core/steps/survey-shard.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(ShardRequest, surveyShard);
