export type Cell = string | number | boolean | null;

/**
 * Whether a cell is what a person asked for: `> 0.1`, `<= 3`, `0.1 .. 0.5` of numbers; any other text is part of what
 * stands there. Nothing asked is met by all.
 */
export function filterOf(asked: string): (cell: Cell) => boolean {
  const text = asked.trim();
  if (text === '') return () => true;
  const [, from, to] = /^(-?[\d.][\d.e+-]*?)\s*\.\.\s*(-?[\d.e+-]+)$/i.exec(text) ?? [];
  const bounds = [from, to].map(Number);
  if (from !== undefined && bounds.every(Number.isFinite))
    return (cell) => typeof cell === 'number' && cell >= bounds[0]! && cell <= bounds[1]!;
  const [, sign, bound] = /^(<=|>=|<|>|=)\s*(-?[\d.e+-]+)$/i.exec(text) ?? [];
  const limit = Number(bound);
  if (sign !== undefined && Number.isFinite(limit))
    return (cell) => typeof cell === 'number' && compare(cell, sign, limit);
  const part = text.toLowerCase();
  return (cell) => cell !== null && String(cell).toLowerCase().includes(part);
}

function compare(cell: number, sign: string, limit: number): boolean {
  switch (sign) {
    case '<':
      return cell < limit;
    case '<=':
      return cell <= limit;
    case '>':
      return cell > limit;
    case '>=':
      return cell >= limit;
    default:
      return cell === limit;
  }
}

/** Numbers by size, then texts; what is missing comes last either way. */
export function compareCells(a: Cell, b: Cell, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order =
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : typeof a === 'number'
        ? -1
        : typeof b === 'number'
          ? 1
          : String(a) < String(b)
            ? -1
            : Number(String(a) > String(b));
  return descending ? -order : order;
}
