import type { Command } from 'commander';

export function writeReference(schema: object, program: Command, folder: string): void;
export function specReference(schema: object): string;
export function cliReference(program: Command): string;
