type Child = Node | string | number | null | undefined | false;
type Props = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** An element; what is text stays text, so that nothing a user named can become markup. `onclick` and the like listen. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false)
      made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...kept(children));
  return made;
}

const kept = (children: readonly Child[]): (Node | string)[] =>
  children.flatMap((child) =>
    child === null || child === undefined || child === false
      ? []
      : [typeof child === 'number' ? String(child) : child],
  );

/** A name of its own for what a label or a heading belongs to. */
export function newId(): string {
  ids += 1;
  return `id-${ids}`;
}
let ids = 0;

/** A table of what a figure shows. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function plainTable(caption: string, { columns, rows }: Rows): HTMLElement {
  const table = element(
    'table',
    {},
    element('caption', { class: 'hidden' }, caption),
    element('thead', {}, element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name)))),
    element(
      'tbody',
      {},
      ...rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', {}, cell)))),
    ),
  );
  return element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, table);
}

/** A choice with its label. */
export function choice(
  label: string,
  options: readonly string[],
  chosen: string,
  choose: (option: string) => void,
): HTMLElement {
  const select = element(
    'select',
    { onchange: () => choose(select.value) },
    ...options.map((option) => element('option', { value: option, selected: option === chosen }, option)),
  );
  return element('label', { class: 'choice' }, element('span', {}, label), select);
}
