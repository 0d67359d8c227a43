import { TellRequest } from '../core/contracts/requests.ts';
import { tell } from '../core/steps/tell.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(TellRequest, tell);
