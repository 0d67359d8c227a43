import { readdirSync, readFileSync } from 'node:fs';

/** A block of code in a page. */
export interface Snippet {
  readonly page: string;
  /** Of its fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** What it is written to before the page's commands go on: the second word behind the fence. */
  readonly file: string | undefined;
  readonly text: string;
  /** `<!-- sketch: … -->` on the line above: why it does not stand on its own. */
  readonly sketch: string | undefined;
  /** `<!-- not run: … -->` there: why whoever follows the page leaves it out. */
  readonly notRun: string | undefined;
}

/** Every block of the README and of docs/ that says its language; a block without one is output, or a drawing. */
export function snippets(): readonly Snippet[] {
  const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`);
  return ['README.md', ...pages].toSorted().flatMap(snippetsIn);
}

export function snippetsIn(page: string): readonly Snippet[] {
  const lines = readFileSync(page, 'utf8').split('\n');
  const found: Snippet[] = [];
  let open: { readonly at: number; readonly words: readonly string[] } | undefined;
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith('```')) continue;
    if (open === undefined) {
      open = { at, words: line.slice(3).trim().split(/\s+/) };
      continue;
    }
    const [language = '', file] = open.words;
    const above = lines[open.at - 1] ?? '';
    const [, sketch] = /^<!-- sketch: (.+) -->$/.exec(above) ?? [];
    const [, notRun] = /^<!-- not run: (.+) -->$/.exec(above) ?? [];
    if (language !== '') {
      found.push({
        page,
        line: open.at + 1,
        language,
        file,
        text: lines.slice(open.at + 1, at).join('\n'),
        sketch,
        notRun,
      });
    }
    open = undefined;
  }
  return found;
}

export const placeOf = ({ page, line }: Snippet): string => `${page}:${line}`;
