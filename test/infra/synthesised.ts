import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { functions } from '../../core/contracts/functions.ts';
import { readSettings } from '../../infra/settings.ts';
import { FanfareStack } from '../../infra/stack.ts';

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** Stands in for what `npm run build` and `scripts/layer.mjs` make: a template needs files, not what is in them. */
export function fakeBundles(): { readonly bundles: string; readonly layer: string } {
  const folder = mkdtempSync(join(tmpdir(), 'fanfare-infra-'));
  const bundles = join(folder, 'functions');
  const layer = join(folder, 'layer');
  mkdirSync(bundles);
  mkdirSync(join(layer, 'nodejs'), { recursive: true });
  writeFileSync(join(layer, 'nodejs/empty'), '');
  for (const name of Object.keys(functions)) writeFileSync(join(bundles, `${name}.mjs`), name);
  return { bundles, layer };
}

/** An app with the context of cdk.json. */
export const newApp = (props: AppProps = {}): App => {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  return new App({ ...props, outdir: mkdtempSync(join(tmpdir(), 'fanfare-cdk-')), context });
};

export const newStack = (app: App, settings: Readonly<Record<string, unknown>> = {}): FanfareStack =>
  new FanfareStack(app, 'Fanfare', { settings: readSettings({ fanfare: settings }), ...fakeBundles() });

/** The stack's template. */
export function synthesise(settings: Readonly<Record<string, unknown>> = {}): Template {
  const stack = newStack(newApp(), settings);
  return Template.fromStack(stack as Stack);
}

export function resourcesOf(template: Template, type?: string): Resource[] {
  const all = template.toJSON().Resources as Readonly<Record<string, Omit<Resource, 'id'>>>;
  return Object.entries(all)
    .map(([id, resource]) => ({ ...resource, id }))
    .filter(({ Type }) => type === undefined || Type === type);
}

/** `Functions/TrainFunction` by its file's name. */
export function functionOf(template: Template, name: string): Resource {
  const found = resourcesOf(template, 'AWS::Lambda::Function').filter(
    ({ Properties }) => Properties.Handler === `${name}.handler`,
  );
  if (found.length !== 1) throw new Error(`${found.length} functions are called ${name}`);
  return found[0]!;
}
