import { SettleSplitRequest } from '../core/contracts/requests.ts';
import { settleSplit } from '../core/steps/settle-split.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(SettleSplitRequest, settleSplit);
