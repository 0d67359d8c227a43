import { keys } from '../../core/contracts/keys.ts';
import { Identity } from '../../core/contracts/names.ts';
import { Prediction } from '../../core/contracts/records.ts';
import type { Report } from '../../core/contracts/report.ts';
import { History } from '../../core/search/history.ts';
import { findConclusion, findStudy, readHistory } from '../../core/search/study-folder.ts';
import { findObject } from '../../core/steps/objects.ts';
import type { Engine } from '../engine.ts';
import { partsOfPrediction, partsOfStudy } from '../report.ts';
import { listPart } from './list-part.ts';
import { tagOf } from './tag.ts';

/** A page, and a name for what it shows: as long as nothing is new, it is the same. */
interface Page {
  readonly report: Report;
  readonly tag: string;
}

export interface Pages {
  /** What lies there; `same`: it is what that tag names. Undefined: nothing lies there. */
  find(path: string, tag: string): Promise<Page | 'same' | undefined>;
}

/** The pages of a store. What was read of a study's log is not read again. */
export function openPages({ store, place }: Engine): Pages {
  const histories = new Map<string, Promise<History>>();
  // One after the other: two readers of a log would add each claim twice.
  const historyOf = (study: string) => {
    const before = histories.get(study)?.catch(() => new History());
    const next = (async () => readHistory(store, study, await before))();
    histories.set(study, next);
    return next;
  };
  const made = (title: string, parts: Report['parts']): Report => ({
    title,
    place,
    madeAt: Date.now(),
    parts,
  });

  async function study(id: string, tag: string) {
    const found = await findStudy(store, id);
    if (found === undefined) return undefined;
    const history = await historyOf(id);
    const concluded = (await findConclusion(store, found, history)) !== undefined;
    const own = tagOf(id, found.budget, history.claims.length, [...history.events].length, concluded);
    if (own === tag) return 'same' as const;
    const parts = await partsOfStudy(store, found, { now: Date.now(), history });
    return { report: made(id, parts), tag: own };
  }

  async function prediction(id: string, tag: string) {
    const found = await findObject(store, keys.predictionManifest(id), Prediction);
    if (found === undefined) return undefined;
    const own = tagOf(id, found.committedAt);
    if (own === tag) return 'same' as const;
    return { report: made(id, await partsOfPrediction(store, found)), tag: own };
  }

  async function list(tag: string) {
    const part = await listPart(store, historyOf);
    const own = tagOf(part);
    return own === tag ? ('same' as const) : { report: made('Fanfare', [part]), tag: own };
  }

  return {
    find: async (path, tag) => {
      if (path === '' || path === 'list') return list(tag);
      const [, kind, id] = /^(studies|predictions)\/([a-z0-9-]+)$/.exec(path) ?? [];
      if (!Identity.safeParse(id).success) return undefined;
      return kind === 'studies' ? study(id!, tag) : prediction(id!, tag);
    },
  };
}
