/** The tags by which records are found again. They are what keeps a second writing from doubling anything. */
export const tag = {
  /** `study`, `trial`, `prediction` or `evaluation`. */
  kind: 'fanfare.kind',
  study: 'fanfare.study',
  /** `<study>/<number>` */
  trial: 'fanfare.trial',
  prediction: 'fanfare.prediction',
  evaluation: 'fanfare.evaluation',
  /** The SHA-256 of the ONNX file, on logged models and versions. */
  digest: 'fanfare.digest',
  /** `code:<digest>` of what makes the model's columns from a table's, on versions. */
  features: 'fanfare.features',
  /** A trial's state in our own words, since MLflow has none for `pruned`. */
  state: 'fanfare.state',
  error: 'fanfare.error',
  /** Why a trial was pruned. */
  reason: 'fanfare.reason',
  /** What ended a study: that it had all of its trials, or what stopped it before. */
  ended: 'fanfare.ended',
  bestTrial: 'fanfare.best_trial',
  /** Of several objectives, on trials of a study that was concluded: whether no other is better, `true` or `false`. */
  front: 'fanfare.front',
  /** Of a study: how many trials it may have, and what proposes them. */
  trials: 'fanfare.trials',
  sampler: 'fanfare.sampler',
  decision: 'fanfare.decision',
  /** On versions: why it was promoted or not, by which metric, what it and the champion were worth, and the margin. */
  decisionReason: 'fanfare.decision.reason',
  metric: 'fanfare.decision.metric',
  value: 'fanfare.decision.value',
  opponent: 'fanfare.decision.champion',
  opponentValue: 'fanfare.decision.champion_value',
  margin: 'fanfare.decision.margin',
  /** Of a prediction: `stable`, `moderate` or `major`. */
  drift: 'fanfare.drift',
  /** The params that were longer than MLflow takes: `space (7012 characters)`. */
  cut: 'fanfare.cut',
  /** The params whose names MLflow does not take, and what they are called: a line each, `p_0_: p[0]`. */
  renamed: 'fanfare.renamed',
  /** How many of the run's metrics were logged. It travels with the last of them. */
  recorded: 'fanfare.recorded',
  /** `fanfare.artifact.<path>`: the SHA-256 of the file that lies there. */
  artifact: 'fanfare.artifact.',
  parent: 'mlflow.parentRunId',
  note: 'mlflow.note.content',
  source: 'mlflow.source.name',
} as const;
