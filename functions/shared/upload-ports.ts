import * as z from 'zod';
import { Binding } from '../../core/contracts/uploads.ts';
import { FanfareError } from '../../core/errors.ts';
import type { UploadPorts } from '../../core/steps/receive-upload.ts';
import { objects, required } from './ports.ts';

/** The environment names the flows (FANFARE_PIPELINE_FLOW and so on, ARNs) and FANFARE_BINDINGS (JSON; none: no folder is bound). */
export async function uploadPorts(): Promise<UploadPorts> {
  const { stepFunctions } = await import('../../adapters/stepfunctions/start-flow.ts');
  return {
    ...(await objects()),
    bindings: bindingsOf(process.env.FANFARE_BINDINGS),
    startFlow: stepFunctions((flow) => required(`FANFARE_${flow.toUpperCase()}_FLOW`)),
  };
}

/** `InvalidSpec` for what is no list of bindings. */
export function bindingsOf(text: string | undefined): readonly Binding[] {
  if (!text) return [];
  const parsed = z.array(Binding).safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new FanfareError('InvalidSpec', `FANFARE_BINDINGS: ${mistakes.join('; ')}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
