import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { measuresNamespace } from '../../core/contracts/measures.ts';
import { measured, subjectOf } from './noted.ts';
import type { LambdaContext } from './ports.ts';

export type Observer = MiddlewareObj<unknown, object, Error, LambdaContext & object>;

/**
 * What a deployed function says of itself: one line of JSON a call, with what the call was about, and its measures in
 * CloudWatch's embedded format. Loaded on AWS alone.
 */
export async function observers(env: NodeJS.ProcessEnv): Promise<readonly Observer[]> {
  return [...(await traces(env)), lines(new Logger()), counts(new Metrics({ namespace: measuresNamespace }))];
}

function lines(logger: Logger): Observer {
  let began = 0;
  return {
    before: ({ event, context }) => {
      began = Date.now();
      logger.resetKeys();
      logger.appendKeys({
        ...subjectOf(event),
        request: context.awsRequestId,
        function: context.functionName,
      });
    },
    after: ({ response }) => {
      logger.info('answered', { milliseconds: Date.now() - began, answer: brief(response) });
    },
    onError: ({ error }) => {
      logger.error('failed', {
        milliseconds: Date.now() - began,
        error: error ?? new Error('no reason given'),
      });
    },
  };
}

/** An answer is small; one that is not would make the line useless. */
function brief(answer: unknown): unknown {
  const text = JSON.stringify(answer) ?? 'null';
  return text.length <= 2048 ? answer : `${text.slice(0, 2048)}…`;
}

function counts(metrics: Metrics): Observer {
  return {
    after: ({ event, response }) => {
      for (const { name, unit, value } of measured(event, response)) metrics.addMetric(name, unit, value);
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}

/** X-Ray, where Lambda says that its daemon listens; the tracer is large, so it is loaded only then. */
async function traces(env: NodeJS.ProcessEnv): Promise<readonly Observer[]> {
  if (!env.AWS_XRAY_DAEMON_ADDRESS) return [];
  const { Tracer } = await import('@aws-lambda-powertools/tracer');
  const { captureLambdaHandler } = await import('@aws-lambda-powertools/tracer/middleware');
  const tracer = new Tracer({ captureHTTPsRequests: false });
  const annotate: Observer = {
    before: ({ event }) => {
      for (const [key, value] of Object.entries(subjectOf(event))) tracer.putAnnotation(key, value);
    },
  };
  return [captureLambdaHandler(tracer, { captureResponse: false }), annotate];
}
