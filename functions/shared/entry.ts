import middy from '@middy/core';
import type { z } from 'zod';
import { FanfareError } from '../../core/errors.ts';
import type { Ports } from '../../core/steps/ports.ts';
import { type LambdaContext, portsFor } from './ports.ts';

/** The shell of every function: parses the request by its contract, gives the step its ports, answers with its result. */
export function entry<Request>(
  contract: z.ZodType<Request>,
  step: (request: Request, ports: Ports) => Promise<object>,
) {
  return middy<unknown, object, Error, LambdaContext & object>()
    .before((request) => {
      const parsed = contract.safeParse(request.event);
      if (parsed.success) {
        request.event = parsed.data;
        return;
      }
      const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      throw new FanfareError('InvalidSpec', `${request.context.functionName}: ${mistakes.join('; ')}`);
    })
    .handler((event: unknown, context: LambdaContext) => step(event as Request, portsFor(context)));
}
