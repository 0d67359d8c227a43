import type { StudyPart } from '../../core/contracts/report.ts';
import { trialStates } from '../../core/contracts/report.ts';
import { element } from '../dom.ts';
import { card } from '../figure.ts';
import { cell, duration, number, percent, plural, time } from '../format.ts';
import { factList, tiles } from '../tiles.ts';

/** What came of the study, at a glance. */
export function headline(part: StudyPart): HTMLElement {
  const { best, counts, metric, trials, took, resource, state, budget, lanes, laneSeconds } = part;
  const whole = Object.values(laneSeconds).reduce((sum, one) => sum + one, 0);
  const states = trialStates.filter((one) => counts[one] > 0).map((one) => `${counts[one]} ${one}`);
  return tiles([
    [
      `best ${metric}`,
      best ? `${number(best.value)}${best.std === null ? '' : ` ± ${number(best.std)}`}` : '–',
      best ? `trial ${best.trial}, ${number(best.resource)} ${resource}` : 'no value yet',
    ],
    ['trials', `${trials.number.length}${state === 'open' ? ` of ${budget}` : ''}`, states.join(' · ')],
    ['time', duration(took), `began ${time(part.began)}`],
    ['lanes', String(lanes), whole > 0 ? `${percent(laneSeconds.idle / whole)} of their time idle` : ''],
    ['state', state, state === 'open' ? 'it runs, or it was stopped' : ''],
  ]);
}

/** The best trial's parameters, and how the study was made. */
export function about({ best, facts, metric, resource }: StudyPart): readonly HTMLElement[] {
  const made = card('How it was made', undefined, false, factList(facts));
  if (best === null) return [made];
  const metrics = Object.entries(best.metrics).filter(([name]) => name !== metric);
  return [
    card(
      `Best trial: ${best.trial}`,
      `After ${plural(best.resource, resource.replace(/s$/, ''), resource)}.`,
      false,
      factList([
        [metric, number(best.value)],
        ...metrics.map(([name, value]) => [name, number(value)] as const),
        ...Object.entries(best.params).map(([name, value]) => [name, cell(value)] as const),
      ]),
    ),
    made,
  ];
}

/** Why trials failed, the most frequent cause first. */
export function failures({ failures: all }: StudyPart): HTMLElement | null {
  if (all.length === 0) return null;
  const causes = new Map<string, { error: string; cause: string; trials: number[] }>();
  for (const { error, cause, trial } of all) {
    // Numbers differ from trial to trial where the cause does not.
    const key = `${error} ${cause.replace(/-?\d[\d.e+-]*/g, '#')}`;
    const one = causes.get(key) ?? { error, cause, trials: [] };
    one.trials.push(trial);
    causes.set(key, one);
  }
  return card(
    `Failures: ${plural(all.length, 'trial')}`,
    undefined,
    false,
    element(
      'ul',
      { class: 'failures' },
      ...[...causes.values()]
        .sort((a, b) => b.trials.length - a.trials.length)
        .map(({ error, cause, trials }) =>
          element(
            'li',
            {},
            element('strong', {}, error),
            ` · ${plural(trials.length, 'trial')}: ${trials.slice(0, 20).join(', ')}${trials.length > 20 ? ' …' : ''}`,
            element('pre', { tabindex: 0, 'aria-label': `cause of ${error}` }, cause),
          ),
        ),
    ),
  );
}

const laneStages = {
  train: 'training',
  begin: 'starting a function, reading the table',
  judge: 'judging and writing the model',
  lost: 'lost with an execution that died',
  idle: 'idle',
} as const;

/** Where the time went: by the clock, and of the lanes. */
export const stages = ({ stages: all, laneSeconds }: StudyPart): HTMLElement =>
  card(
    'Where the time went',
    undefined,
    false,
    element('h4', {}, 'By the clock'),
    shareBars(all.map(({ name, seconds }) => [name, seconds])),
    element('h4', {}, 'Of the lanes'),
    shareBars(
      Object.entries(laneStages).flatMap(([key, name]) => {
        const seconds = laneSeconds[key as keyof typeof laneStages];
        return seconds > 0 ? [[name, seconds] as const] : [];
      }),
    ),
  );

function shareBars(parts: readonly (readonly [name: string, seconds: number])[]): HTMLElement {
  const whole = parts.reduce((sum, [, seconds]) => sum + seconds, 0) || 1;
  return element(
    'dl',
    { class: 'shares' },
    ...parts.map(([name, seconds]) => {
      const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
      bar.style.width = `${(100 * seconds) / whole}%`;
      return element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', {}, `${duration(1000 * seconds)} · ${percent(seconds / whole)}`, bar),
      );
    }),
  );
}
