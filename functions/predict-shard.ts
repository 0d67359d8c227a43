import { PredictShardRequest } from '../core/contracts/requests.ts';
import { predictShard } from '../core/steps/predict-shard.ts';
import { entry } from './shared/entry.ts';
import { modelRuntime } from './shared/ports.ts';

// It takes as long to load as the first shard to be planned; a failure is told by whoever needs it.
modelRuntime().catch(() => {});

export const handler = entry(PredictShardRequest, predictShard);
