/** A point of two axes, from 0 to 1 each, and its value. */
export type SurfacePoint = readonly [x: number, y: number, value: number];

/** So far from the next point nothing is said of a cell. */
const farthest = 0.25;

/**
 * What a value is like over two axes, from points that lie anywhere: the mean of the points' values, weighed by a normal
 * kernel (Nadaraya and Watson, 1964) as wide as Scott's rule says for two dimensions. `cells` a side, row by row from
 * below; null where no point is near.
 */
export function surface(points: readonly SurfacePoint[], cells: number): readonly (number | null)[] {
  const width = Math.max(0.03, 0.25 * points.length ** (-1 / 6));
  return Array.from({ length: cells * cells }, (_, at) => {
    const [x, y] = [((at % cells) + 0.5) / cells, (Math.floor(at / cells) + 0.5) / cells];
    let [sum, weight, nearest] = [0, 0, Infinity];
    for (const [left, up, value] of points) {
      const square = (left - x) ** 2 + (up - y) ** 2;
      const part = Math.exp(-square / (2 * width * width));
      sum += part * value;
      weight += part;
      nearest = Math.min(nearest, square);
    }
    return nearest <= farthest ** 2 ? sum / weight : null;
  });
}
