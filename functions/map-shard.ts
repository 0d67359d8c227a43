import { ShardRequest } from '../core/contracts/requests.ts';
import { mapShard } from '../core/steps/map-shard.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(ShardRequest, mapShard);
