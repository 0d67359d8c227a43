import { Aspects, Stack, Validations } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Says why a rule of cdk-nag's AwsSolutions pack does not hold for a construct and what is in it. */
export function acknowledge(construct: IConstruct, rules: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(rules)) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
  }
}

/**
 * Says why there are wildcards in a construct's policies: a reason by what the resource looks like, for instance
 * `<DataBucket.Arn>/specs/*.json`. What none of the patterns is meant for stays a finding (AwsSolutions-IAM5).
 */
export function acknowledgeWildcards(
  construct: IConstruct,
  reasons: readonly (readonly [RegExp, string])[],
): void {
  Aspects.of(construct).add({
    visit: (node) => {
      if (!(node instanceof CfnPolicy)) return;
      for (const resource of wildcardsOf(node)) {
        const [, reason] = reasons.find(([pattern]) => pattern.test(resource)) ?? [];
        if (reason === undefined) continue;
        Validations.of(node).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
      }
    },
  });
}

interface Statement {
  readonly Resource?: unknown;
}

function wildcardsOf(policy: CfnPolicy): string[] {
  const document: { readonly Statement: readonly Statement[] } = Stack.of(policy).resolve(
    policy.policyDocument,
  );
  const resources = document.Statement.flatMap(({ Resource }) =>
    Array.isArray(Resource) ? Resource : [Resource],
  );
  return [...new Set(resources.map(written))].filter((resource) => resource.includes('*'));
}

/** A resource as cdk-nag writes it: references as `<Id.Attribute>`. */
function written(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('Ref' in value) return `<${value.Ref}>`;
  if ('Fn::GetAtt' in value) return `<${[value['Fn::GetAtt']].flat().join('.')}>`;
  if ('Fn::Join' in value) return (value['Fn::Join'] as [string, unknown[]])[1].map(written).join('');
  return JSON.stringify(value);
}
