import type { Identity, Leg } from './names.ts';

/** Where everything lies in the bucket. Keys come from identities, never from time or chance. */
export const keys = {
  spec: (digest: string) => `specs/${digest}.json`,
  /** A module of the user's, bundled; `code:<digest>` in specifications. */
  code: (digest: string) => `code/${digest}.mjs`,
  /** A trainable in Python, as it is; `python:<digest>` in specifications. */
  python: (digest: string) => `code/${digest}.py`,
  /** What a trainable that is called wrote for one trial, until it was read. */
  calls: (digest: string) => `calls/${digest}/`,

  datasetsPrefix: 'datasets/',
  dataset: (dataset: Identity) => `datasets/${dataset}/`,
  datasetManifest: (dataset: Identity) => `datasets/${dataset}/manifest.json`,
  /** What the columns are to specifications of that digest. */
  described: (dataset: Identity, digest: string) => `datasets/${dataset}/described/${digest}.json`,
  profile: (dataset: Identity) => `datasets/${dataset}/profile.json`,

  studiesPrefix: 'studies/',
  study: (study: Identity) => `studies/${study}/`,
  studyRecord: (study: Identity) => `studies/${study}/study.json`,
  /** What its samplers are shown of other studies. */
  prior: (study: Identity) => `studies/${study}/prior.json`,
  budget: (study: Identity, number: number) => `studies/${study}/budgets/${padded(number)}.json`,
  claims: (study: Identity) => `studies/${study}/claims/`,
  claim: (study: Identity, number: number) => `studies/${study}/claims/${padded(number)}.json`,
  events: (study: Identity) => `studies/${study}/events/`,
  event: (study: Identity, number: number) => `studies/${study}/events/${padded(number)}.json`,
  snapshot: (study: Identity, from: number, to: number) =>
    `studies/${study}/snapshots/${padded(from)}-${padded(to)}.json`,
  snapshotMark: (study: Identity) => `studies/${study}/snapshots/latest.json`,
  checkpoint: (study: Identity, leg: Leg) => `studies/${study}/checkpoints/${named(leg)}.bin`,
  /** The latest checkpoint within a rung that outlasted an invocation. */
  partial: (study: Identity, leg: Leg) => `studies/${study}/checkpoints/${named(leg)}.partial`,
  /** What a rung that is being trained has reported so far. */
  curve: (study: Identity, leg: Leg) => `studies/${study}/curves/${named(leg)}.json`,
  trialModel: (study: Identity, leg: Leg) => `studies/${study}/models/${named(leg)}.onnx`,
  /** How the model's scores of the validation rows fall into bins. */
  trialScores: (study: Identity, leg: Leg) => `studies/${study}/models/${named(leg)}.scores.json`,
  result: (study: Identity, leg: Leg) => `studies/${study}/results/${named(leg)}.json`,
  lanes: (study: Identity, count: number) => `studies/${study}/lanes/${count}.json`,
  finished: (study: Identity, execution: string) => `studies/${study}/finished/${execution}.json`,
  /** What is trained once more, how far it is, and what came of it. */
  refitPlan: (study: Identity, leg: Leg) => `studies/${study}/refit/${named(leg)}/plan.json`,
  refitPartial: (study: Identity, leg: Leg) => `studies/${study}/refit/${named(leg)}/checkpoint.partial`,
  refitModel: (study: Identity, leg: Leg) => `studies/${study}/refit/${named(leg)}/model.onnx`,
  refitResult: (study: Identity, leg: Leg) => `studies/${study}/refit/${named(leg)}/result.json`,
  conclusions: (study: Identity) => `studies/${study}/conclusions/`,
  /** Why nothing is begun any more by the budget of that number. */
  stop: (study: Identity, budget: number) => `studies/${study}/stops/${padded(budget)}.json`,
  conclusion: (study: Identity, claims: number) => `studies/${study}/conclusions/${padded(claims)}.json`,

  /** The page about what lies in that folder, for its run in MLflow. */
  reportPage: (folder: string) => `${folder}report.html`,

  model: (digest: string) => `models/${digest}.onnx`,
  modelCard: (digest: string) => `models/${digest}.json`,
  /** Of a model that was logged in MLflow: what its signature says. */
  signature: (digest: string) => `models/${digest}.signature.json`,
  modelProfile: (digest: string) => `models/${digest}.profile.json`,

  predictionsPrefix: 'predictions/',
  prediction: (prediction: Identity) => `predictions/${prediction}/`,
  predictionManifest: (prediction: Identity) => `predictions/${prediction}/manifest.json`,
  drift: (prediction: Identity) => `predictions/${prediction}/drift.json`,

  /** The files of a prediction's rejects as a person mended them. */
  mended: (prediction: Identity, digest: string) => `predictions/${prediction}/mended/${digest}.json`,

  evaluationsPrefix: 'evaluations/',
  evaluation: (evaluation: Identity) => `evaluations/${evaluation}.json`,

  /** A record that MLflow does not have yet; the object's body says what it is. */
  pending: (kind: string, id: string) => `pending/${kind}-${id}.json`,
  pendingPrefix: 'pending/',

  /** Of a job (a dataset or a prediction): the plan, a shard's receipt, and why one was lost. */
  plan: (job: string) => `${job}plan.json`,
  shardList: (job: string) => `${job}shards.json`,
  /** The objects that a shard reads, where each is a row. */
  objects: (job: string, shard: number) => `${job}objects/${padded(shard)}.json`,
  receipts: (job: string) => `${job}receipts/`,
  receipt: (job: string, shard: number) => `${job}receipts/${padded(shard)}.json`,
  /** What is predicted of a shard that has no receipt yet. */
  progress: (job: string, shard: number) => `${job}progress/${padded(shard)}/`,
  piece: (job: string, shard: number, piece: number) => `${keys.progress(job, shard)}${padded(piece)}.json`,
  losses: (job: string, execution: string) => `${job}losses/${execution}/`,
  /** Of a split that goes by what the whole table holds: a shard's part of that, and what comes of all of them. */
  survey: (job: string, shard: number) => `${job}survey/${padded(shard)}.arrow`,
  cuts: (job: string) => `${job}cuts.json`,
  shardProfile: (job: string, shard: number) => `${job}profiles/${padded(shard)}.json`,
  /** Of a pass, which is a job too: what is asked, what a part comes to, and all of them together. */
  passRequest: (job: string) => `${job}request.bin`,
  passPart: (job: string, part: number) => `${job}parts/${padded(part)}.bin`,
  passMerged: (job: string) => `${job}merged.bin`,
  loss: (job: string, shard: number, execution: string) => `${job}losses/${execution}/${padded(shard)}.json`,
} as const;

/** `<trial>-<rung>`, or `<trial>-<rung>-<fold>`. */
const named = ({ trial, rung, fold }: Leg): string =>
  `${padded(trial)}-${rung}${fold === undefined ? '' : `-${fold}`}`;

/** Five digits, so that keys sort like numbers. */
export const padded = (value: number): string => String(value).padStart(5, '0');
