import middy from '@middy/core';
import type { z } from 'zod';
import { FanfareError } from '../../core/errors.ts';
import type { Ports } from '../../core/steps/ports.ts';
import type { Observer } from './observe.ts';
import { type LambdaContext, portsFor } from './ports.ts';

/** On this machine the engine shows what happens; a line a call is for CloudWatch. */
const deployed: readonly Observer[] = process.env.FANFARE_BUCKET
  ? await (await import('./observe.ts')).observers(process.env)
  : [];

type Step<Request, Needs> = (request: Request, ports: Needs) => Promise<object>;
type PortsOf<Needs> = (context: LambdaContext) => Promise<Needs>;

/** A function: parses the request by its contract, gives the step its ports, answers with its result. */
export function entry<Request>(contract: z.ZodType<Request>, step: Step<Request, Ports>): Handler;
/** The same for a step that needs other ports. */
export function entry<Request, Needs>(
  contract: z.ZodType<Request>,
  step: Step<Request, Needs>,
  portsOf: PortsOf<Needs>,
): Handler;
export function entry<Request>(
  contract: z.ZodType<Request>,
  step: Step<Request, never>,
  portsOf: PortsOf<object> = portsFor,
): Handler {
  return shell(contract, step as Step<Request, object>, portsOf, deployed);
}

/** The shell of every function, watched by these. */
export function shell<Request, Needs>(
  contract: z.ZodType<Request>,
  step: Step<Request, Needs>,
  portsOf: PortsOf<Needs>,
  observers: readonly Observer[],
): Handler {
  // Who outlasts its time is ended by Lambda, which flows know by name and try again; an error of middy's own they would not.
  return middy<unknown, object, Error, LambdaContext & object>({ timeoutEarlyInMillis: 0 })
    .use([...observers])
    .before((request) => {
      const parsed = contract.safeParse(request.event);
      if (parsed.success) {
        request.event = parsed.data;
        return;
      }
      const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      throw new FanfareError('InvalidSpec', `${request.context.functionName}: ${mistakes.join('; ')}`);
    })
    .handler(async (event: unknown, context: LambdaContext) =>
      step(event as Request, await portsOf(context)),
    );
}

type Handler = (event: unknown, context: LambdaContext) => Promise<object>;
