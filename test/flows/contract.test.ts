import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  type FunctionName,
  flows,
  functions,
  outsideFlows,
  substitutionOf,
} from '../../core/contracts/functions.ts';
import * as requests from '../../core/contracts/requests.ts';

type Node = { readonly [key: string]: unknown };

const root = new URL('../../', import.meta.url);
const textOf = (flow: string) => readFileSync(new URL(`flows/${flow}.asl.json`, root), 'utf8');

/** Which contract a function's file gives to its shell. */
function contractOf(name: string): z.ZodType {
  const [, contract] =
    /entry\((\w+),/.exec(readFileSync(new URL(`functions/${name}.ts`, root), 'utf8')) ?? [];
  return (requests as unknown as Record<string, z.ZodType>)[contract!]!;
}

/** Every object of a flow that has a Type. */
function statesOf(node: unknown): Node[] {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.values(node).flatMap(statesOf);
  return 'Type' in node ? [node as Node, ...below] : below;
}

/** The payload as the function would get it, with paths in place of values: only the keys can be compared. */
function sampleOf(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return payload;
  return Object.fromEntries(
    Object.entries(payload).map(([key, value]) => [key.replace(/\.\$$/, ''), sampleOf(value)]),
  );
}

const calls = flows.flatMap((flow) =>
  statesOf(JSON.parse(textOf(flow))).flatMap((state) => {
    const parameters = state.Parameters as { FunctionName?: string; Payload?: Node } | undefined;
    const name = (Object.keys(functions) as FunctionName[]).find(
      (each) => parameters?.FunctionName === `\${${substitutionOf(each, 'Function')}}`,
    );
    return name && parameters?.Payload ? [{ flow, name, payload: parameters.Payload }] : [];
  }),
);

describe('the flows and the contracts', () => {
  test('name every function in some flow but those outside, and no other', () => {
    const named = new Set(
      flows.flatMap((flow) => [...textOf(flow).matchAll(/\$\{(\w+)Function\}/g)].map(([, n]) => n)),
    );
    const known = new Set(
      (Object.keys(functions) as FunctionName[])
        .filter((name) => !outsideFlows.includes(name))
        .map((name) => substitutionOf(name, 'Function').replace(/Function$/, '')),
    );
    expect(named).toEqual(known);
  });

  test('were all looked at', () => expect(calls.length).toBeGreaterThan(15));

  test.each(calls)('$flow calls $name with the keys of its contract', ({ name, payload }) => {
    const issues = contractOf(name).safeParse(sampleOf(payload)).error?.issues ?? [];
    const wrongKeys = issues.filter(
      (issue) => issue.code === 'unrecognized_keys' || /received undefined/.test(issue.message),
    );
    expect(wrongKeys).toEqual([]);
  });

  test('a key that the contract lacks would be seen', () => {
    const issues = requests.AskRequest.safeParse({ study: 'x', lane: 1, executon: 'e' }).error!.issues;
    expect(issues.some((issue) => issue.code === 'unrecognized_keys')).toBe(true);
    expect(issues.some((issue) => /received undefined/.test(issue.message))).toBe(true);
  });
});
