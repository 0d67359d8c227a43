import { AskRequest } from '../core/contracts/requests.ts';
import { ask } from '../core/steps/ask.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(AskRequest, ask);
