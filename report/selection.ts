/** Which trials are looked at, by their places: what is brushed in a figure is what the table shows. */
export interface Selection {
  /** Null: all. */
  readonly places: ReadonlySet<number> | null;
  set(places: ReadonlySet<number> | null): void;
  onChange(listener: () => void): void;
}

export function openSelection(): Selection {
  let places: ReadonlySet<number> | null = null;
  const listeners: (() => void)[] = [];
  return {
    get places() {
      return places;
    },
    set(next) {
      places = next;
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
