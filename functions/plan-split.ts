import { PlanSplitRequest } from '../core/contracts/requests.ts';
import { planSplit } from '../core/steps/plan-split.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(PlanSplitRequest, planSplit);
