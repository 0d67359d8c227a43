// npm run iam: who may do what, from the synthesised template. One block a role, one line an action.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Every statement of every role, as `{ who, effect, action, resource, condition }`, one row a role, action and resource. */
export function grantsOf(template) {
  const resources = Object.entries(template.Resources);
  const names = namesOf(resources);
  return resources
    .filter(([, { Type }]) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::Role')
    .flatMap(([id, { Type, Properties }]) => {
      const roles = Type === 'AWS::IAM::Role' ? [{ Ref: id }] : Properties.Roles;
      const documents =
        Type === 'AWS::IAM::Role'
          ? (Properties.Policies ?? []).map(({ PolicyDocument }) => PolicyDocument)
          : [Properties.PolicyDocument];
      return roles.flatMap(({ Ref }) =>
        documents.flatMap(({ Statement }) =>
          Statement.flatMap((each) => rowsOf(each, names.get(Ref), names)),
        ),
      );
    });
}

function rowsOf({ Effect, Action, Resource, Condition }, who, names) {
  return [Action].flat().flatMap((action) =>
    [Resource].flat().map((resource) => ({
      who,
      effect: Effect,
      action,
      resource: textOf(resource, names),
      condition: Condition && textOf(JSON.stringify(Condition), names),
    })),
  );
}

/** Roles by whom they serve: the function or state machine that takes them. */
function namesOf(resources) {
  const names = new Map(resources.map(([id]) => [id, shortened(id)]));
  for (const [id, { Type, Properties = {} }] of resources) {
    const [, role] =
      Object.entries(Properties).find(([key]) => /^(Role|RoleArn|TaskRoleArn)$/.test(key)) ?? [];
    const taker = role?.['Fn::GetAtt']?.[0];
    if (taker && /Function$|StateMachine$|TaskDefinition$/.test(Type)) names.set(taker, shortened(id));
  }
  return names;
}

/** Without the hash that CDK puts behind a name, and the part of the tree before it. */
const shortened = (id) =>
  id
    .replace(/[0-9A-F]{8}$/, '')
    .replace(/^Functions(?=.)/, '')
    .replace(/^(Split|Tune|Predict|Pipeline|Map)Flow$/, '$1 flow')
    .replace(/^DataBucket$/, 'bucket');

function textOf(value, names) {
  if (typeof value === 'string') return value;
  if (value.Ref) return value.Ref.startsWith('AWS::') ? `{${value.Ref.slice(5)}}` : named(value.Ref);
  if (value['Fn::GetAtt']) return named([value['Fn::GetAtt']].flat()[0]);
  if (value['Fn::Join']) return value['Fn::Join'][1].map((part) => textOf(part, names)).join('');
  return JSON.stringify(value);

  function named(id) {
    return `{${names.get(id) ?? id}}`;
  }
}

/** One block a role; what every function, or every flow, may do stands once, at the top. */
export function tableOf(rows) {
  const blocks = new Map([...grouped(rows, ({ who }) => who)].map(([who, own]) => [who, linesOf(who, own)]));
  const kinds = [
    ['Every function', [...blocks.keys()].filter((who) => who.endsWith('Function'))],
    ['Every flow', [...blocks.keys()].filter((who) => who.endsWith(' flow'))],
  ];
  const common = kinds.map(([title, members]) => {
    const [first = [], ...others] = members.map((who) => blocks.get(who));
    const shared = first.filter((line) => others.every((lines) => lines.includes(line)));
    for (const who of members)
      blocks.set(
        who,
        blocks.get(who).filter((line) => !shared.includes(line)),
      );
    return [title, shared];
  });
  return [...common, ...blocks]
    .filter(([, lines]) => lines.length > 0)
    .map(([who, lines]) => [who, ...lines.map((line) => `  ${line}`)].join('\n'))
    .join('\n\n');
}

/** Actions that hold to the same things, on one line. */
function linesOf(who, rows) {
  const actions = grouped(rows, ({ action, effect, condition }) => `${effect} ${action} ${condition ?? ''}`);
  const held = [...actions.values()].map((same) => {
    const [{ action, effect, condition }] = same;
    const on = same
      .map(({ resource }) => brief(resource).replace(`{${who}Logs}`, '{its own log}'))
      .join('  ');
    return { action, effect, on: `${on}${condition ? `  if ${condition}` : ''}` };
  });
  return [...grouped(held, ({ effect, on }) => `${effect} ${on}`).values()].map((same) => {
    const [{ effect, on }] = same;
    return `${effect === 'Deny' ? 'NOT ' : ''}${same.map(({ action }) => action).join(', ')}\n      ${on}`;
  });
}

/** Keys of the bucket by themselves, and ARNs by what is behind the account. */
const brief = (resource) =>
  resource.replace(/^\{bucket\}\//, '').replace(/^arn:\{Partition\}:([^:]*):[^:]*:[^:]*:/, '$1 ');

function grouped(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

/** The template that `cdk synth` makes with the settings of cdk.json and the given arguments. */
function synthesised(args) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const out = mkdtempSync(join(tmpdir(), 'fanfare-iam-'));
  try {
    const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
    const { status } = spawnSync(process.execPath, [cdk, 'synth', '--quiet', '--output', out, ...args], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) process.exit(status ?? 1);
    const file = readdirSync(out).find((name) => name.endsWith('.template.json'));
    return JSON.parse(readFileSync(join(out, file), 'utf8'));
  } finally {
    rmSync(out, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${tableOf(grantsOf(synthesised(process.argv.slice(2))))}\n`);
}
