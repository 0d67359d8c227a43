import { ShardRequest } from '../core/contracts/requests.ts';
import { splitShard } from '../core/steps/split-shard.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(ShardRequest, splitShard);
