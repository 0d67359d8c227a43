import { type App, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { newApp, newStack } from './synthesised.ts';

/** What cdk-nag's AwsSolutions pack finds, and where: nothing, or the report that ends a synthesis. */
function findings(app: App): string {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const { exitCode } = process;
  try {
    app.synth();
    return '';
  } catch (error) {
    return (error as Error).message;
  } finally {
    process.exitCode = exitCode;
  }
}

describe("cdk-nag's AwsSolutions pack", () => {
  test.each([
    ['as it comes', {}],
    ['with mail', { alarmEmail: 'oncall@example.com' }],
    ['with MLflow on Fargate', { mlflow: 'fargate' }],
    [
      'in a network, with tables elsewhere',
      {
        tables: ['s3://lake/sales/'],
        mlflow: { kind: 'uri', trackingUri: 'http://mlflow.internal:5000' },
        vpc: {
          vpcId: 'vpc-0123456789abcdef0',
          subnetIds: ['subnet-0123456789abcdef0'],
          securityGroupIds: ['sg-0123456789abcdef0'],
        },
      },
    ],
  ])('has nothing to say of the stack %s', (_, settings) => {
    const app = newApp();
    newStack(app, settings);
    expect(findings(app)).toBe('');
  });

  test('would say that a function may do more than its entry in access.ts says', () => {
    const app = newApp();
    const [role] = newStack(app)
      .node.findAll()
      .filter((node): node is Role => node instanceof Role && node.node.id === 'AskFunctionRole');
    role!.addToPolicy(new PolicyStatement({ actions: ['s3:*'], resources: ['arn:aws:s3:::theirs'] }));
    expect(findings(app)).toContain('AwsSolutions-IAM5[Action::s3:*]');
  });

  test('would say that a bucket is open', () => {
    const app = newApp();
    new CfnBucket(new Stack(app, 'Open'), 'Bucket');
    expect(findings(app)).toContain('AwsSolutions-S1');
  });
});
