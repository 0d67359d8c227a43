import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { program } from '../../cli/program.ts';
import { specSchema } from '../../core/spec/json-schema.ts';
import { cliReference, specReference } from '../../scripts/reference.mjs';

const published = (name: string) => readFileSync(`docs/reference/${name}.md`, 'utf8');

describe('the reference', () => {
  test('of specifications is that of the contract: npm run schema', () => {
    expect(published('spec')).toBe(specReference(specSchema()));
  });

  test('of commands is that of their definition: npm run schema', () => {
    expect(published('cli')).toBe(cliReference(program));
  });

  test('has every key and every command', () => {
    const { properties } = specSchema() as { properties: object };
    for (const key of Object.keys(properties)) expect(published('spec')).toContain(`\n## ${key}\n`);
    expect(published('spec')).toMatch(/^\| `tune\.trials` \| a whole number \(1 or more.*\| `20` \| /m);
    expect(published('spec')).toMatch(
      /^\| `tune\.scheduler\.eta` \| a number \(2 or more\) \| `3` \| Where tune\.scheduler\.kind is `asha`\. /m,
    );
    // What shells ask with is for nobody to type.
    const typed = program.commands.map((command) => command.name()).filter((name) => name !== 'complete');
    expect(typed.length).toBeGreaterThan(20);
    for (const name of typed) expect(published('cli')).toContain(`\n## fanfare ${name}\n`);
  });
});
