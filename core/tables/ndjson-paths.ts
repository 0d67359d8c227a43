/** A column, or what is left of its name where some keys led. */
interface Wanted {
  readonly name: string;
  readonly place: number;
}

export interface KnownKey {
  readonly bytes: Uint8Array;
  readonly target: Target;
}

/**
 * What is wanted of an object or an array. A column `user.address.city` is the value of that very key or, where an
 * object has none, what stands at `city` in `address` in `user`; `tags.0` is the first of an array.
 */
export class Branch {
  /** How many keys lead here. */
  readonly depth: number;
  /** The places of all columns that hang on it. */
  readonly places: readonly number[];
  readonly #targets = new Map<string, Target>();
  /** The keys of the latest objects by their position, since most have the same. */
  readonly keys: KnownKey[] = [];
  /** The row that it was last met in. */
  row = 0;

  constructor(wanted: readonly Wanted[], depth = 0) {
    this.depth = depth;
    this.places = wanted.map(({ place }) => place);
    const at = new Map<string, { place: number; within: Wanted[] }>();
    const of = (key: string) => {
      const found = at.get(key) ?? { place: -1, within: [] };
      at.set(key, found);
      return found;
    };
    for (const { name, place } of wanted) {
      of(name).place = place;
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
        of(name.slice(0, dot)).within.push({ name: name.slice(dot + 1), place });
    }
    for (const [key, { place, within }] of at) this.#targets.set(key, new Target(place, within, depth + 1));
  }

  target(key: string): Target {
    return this.#targets.get(key) ?? unwanted;
  }
}

/** What is wanted of a value: it may be a column, and columns may hang on it. */
export class Target {
  /** -1 where it is none. */
  readonly place: number;
  readonly #within: readonly Wanted[];
  readonly #depth: number;
  #below: Branch | undefined;

  constructor(place: number, within: readonly Wanted[], depth: number) {
    this.place = place;
    this.#within = within;
    this.#depth = depth;
  }

  /** Made when it is met: a name of many dots may be meant in many ways. */
  get below(): Branch | undefined {
    if (this.#within.length === 0) return undefined;
    this.#below ??= new Branch(this.#within, this.#depth);
    return this.#below;
  }
}

const unwanted = new Target(-1, [], 0);
