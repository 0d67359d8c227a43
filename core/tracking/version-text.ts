import type { Conclusion } from '../contracts/conclusion.ts';
import type { Study } from '../contracts/study.ts';
import type { StudyRuns } from './record-study.ts';

/** Markdown for a version's page: what it is the best of, what it was worth there, and where that stands. */
export function versionText(study: Study, { best, refit, trials }: Conclusion, runs: StudyRuns): string {
  const link = `[${study.study}](#/experiments/${runs.experimentId}/runs/${runs.runId})`;
  const params = Object.entries(best.params).map(([name, value]) => `${name} ${value}`);
  const others = Object.entries(best.metrics).filter(([name]) => name !== study.metric);
  const spread = best.spread
    ? ` ± ${best.spread.std.toFixed(5)} over ${best.spread.values.length} folds`
    : '';
  return [
    `Trial ${best.trial} of study ${link}, the best of ${trials.total} by ${study.metric} (${study.direction}).`,
    `**${study.metric}** ${best.value.toFixed(5)}${spread} on the validation rows${others.map(([name, value]) => ` · ${name} ${value.toFixed(5)}`).join('')}`,
    `**${study.trainable}** at ${best.resource} ${study.resource}: ${params.join(' · ')}`,
    `**dataset** ${study.dataset}${refit ? `; trained once more on ${refit.rows} rows` : ''}`,
  ].join('\n\n');
}

const mark = '**Decision** ';

/** The description with the latest decision on the version at its end; what else a person wrote there stays. */
export function withDecision(description: string, reason: string): string {
  const kept = description
    .split('\n\n')
    .filter((paragraph) => paragraph !== '' && !paragraph.startsWith(mark));
  return [...kept, `${mark}${reason}`].join('\n\n');
}
