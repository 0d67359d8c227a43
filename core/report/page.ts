import type { Report } from '../contracts/report.ts';

/** What a page is made of beside its numbers: `dist/report/`. */
export interface PageAssets {
  readonly script: string;
  /** The script's SHA-256 in base64, by which the page lets it run and no other. */
  readonly scriptHash: string;
  readonly style: string;
}

/** Where a page asks, on the server that it came from, for what is new; and the name of what it has. */
interface Live {
  readonly address: string;
  readonly tag: string;
}

/**
 * One HTML file that asks for nothing else: its policy lets it reach no network, and run no script but its own. What users
 * named is in the JSON alone, in which no `<` is left, and in the title, which is escaped.
 */
export const pageOf = (
  report: Report,
  { script, scriptHash, style }: PageAssets,
  live?: Live,
): string => `<!doctype html>
<html lang="en"${live === undefined ? '' : ` data-live="${escaped(live.address)}" data-tag="${escaped(live.tag)}"`}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-${scriptHash}'; style-src 'unsafe-inline'; img-src data:;${live === undefined ? '' : " connect-src 'self';"} base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${escaped(report.title)} · Fanfare</title>
<style>${style}</style>
</head>
<body>
<noscript>This report is drawn by a script that it carries: allow scripts to see it.</noscript>
<script type="application/json" id="report">${jsonFor(report)}</script>
<script>${script}</script>
</body>
</html>
`;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** JSON that ends no element and begins no comment. */
const jsonFor = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
