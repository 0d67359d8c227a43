import { SFN } from '@aws-sdk/client-sfn';
import type { FlowName } from '../../core/contracts/functions.ts';
import type { StartFlow } from '../../core/steps/receive-upload.ts';

/**
 * Starts deployed state machines. An execution's name is used once in 90 days: whoever comes second with it is told
 * `exists`, whether the first one still runs or not.
 */
export function stepFunctions(
  arnOf: (flow: FlowName) => string,
  client: Pick<SFN, 'startExecution'> = sfn(),
): StartFlow {
  return async (flow, name, input) => {
    try {
      await client.startExecution({ stateMachineArn: arnOf(flow), name, input: JSON.stringify(input) });
      return 'started';
    } catch (error) {
      if (error instanceof Error && /^ExecutionAlreadyExists/.test(error.name)) return 'exists';
      throw error;
    }
  };
}

let shared: SFN | undefined;

function sfn(): SFN {
  shared ??= new SFN({ retryMode: 'adaptive', maxAttempts: 8 });
  return shared;
}
