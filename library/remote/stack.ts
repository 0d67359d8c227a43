import { type FlowName, flows, substitutionOf } from '../../core/contracts/functions.ts';
import { FanfareError } from '../../core/errors.ts';

/** A stack's outputs by their names; undefined where there is no such stack. */
export type DescribeOutputs = (
  stack: string,
) => Promise<Readonly<Record<string, string | undefined>> | undefined>;

export interface Stack {
  readonly bucket: string;
  /** The state machines' ARNs. */
  readonly flows: Readonly<Record<FlowName, string>>;
}

/** The stack by its name; `where` (region, account, endpoint) is for the message when it is not there. */
export async function findStack(describe: DescribeOutputs, name: string, where: string): Promise<Stack> {
  const outputs = await describe(name);
  if (outputs === undefined) {
    throw new FanfareError(
      'MissingInput',
      `there is no stack ${name} in ${where}; npm run deploy makes one, --stack names another, and AWS_REGION, AWS_PROFILE and AWS_ENDPOINT_URL say where to look`,
    );
  }
  const output = (wanted: string): string => {
    const value = outputs[wanted];
    if (value) return value;
    const given = Object.keys(outputs).sort().join(', ') || 'none';
    throw new FanfareError(
      'MissingInput',
      `stack ${name} in ${where} has no output ${wanted} (it has: ${given}); it is not Fanfare's, or npm run deploy has not ended well`,
    );
  };
  return {
    bucket: output('DataBucket'),
    flows: Object.fromEntries(
      flows.map((flow) => [flow, output(substitutionOf(flow, 'Flow'))]),
    ) as Stack['flows'],
  };
}
