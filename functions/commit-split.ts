import { CommitSplitRequest } from '../core/contracts/requests.ts';
import { commitSplit } from '../core/steps/commit-split.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(CommitSplitRequest, commitSplit);
