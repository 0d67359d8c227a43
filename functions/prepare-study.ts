import { PrepareStudyRequest } from '../core/contracts/requests.ts';
import { prepareStudy } from '../core/steps/prepare-study.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(PrepareStudyRequest, prepareStudy);
