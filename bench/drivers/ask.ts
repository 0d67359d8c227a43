// node dist/bench/ask.mjs FOLDER TRIALS SAMPLER: what asks of a long study take, cold and warm, as one line of JSON.
import { fileStore } from '../../adapters/files/file-store.ts';
import { stream } from '../../core/chance.ts';
import { keys } from '../../core/contracts/keys.ts';
import { Sampler } from '../../core/contracts/sampler.ts';
import type { Claim, Outcome, Study } from '../../core/contracts/study.ts';
import { History } from '../../core/search/history.ts';
import { sampleRandom } from '../../core/search/random.ts';
import { writeSnapshots } from '../../core/search/snapshots.ts';
import { readLog } from '../../core/search/study-folder.ts';
import { ask } from '../../core/steps/ask.ts';
import { keepWarm, type Ports } from '../../core/steps/ports.ts';
import { tell } from '../../core/steps/tell.ts';
import { encodeJson, type ObjectStore } from '../../core/store.ts';

const [folder = '', count = '', sampler = 'tpe'] = process.argv.slice(2);
const trials = Number(count);
const lanes = 8;
const warmAsks = 100;
const id = 'long-000000000000';
const execution = 'run-1';
const axes = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const study: Study = {
  ...{ study: id, dataset: 'long-111111111111', trainable: 'gbdt', resource: 'rounds', metric: 'auc' },
  ...{ direction: 'minimize', metrics: ['auc'], trials: trials + 2 * warmAsks, budget: 0, seed: 0 },
  space: Object.fromEntries(axes.map((name) => [name, { kind: 'float', low: 0, high: 1, log: false }])),
  sampler: Sampler.parse({ kind: sampler }),
  scheduler: { kind: 'asha', eta: 3, rungs: [10, 30, 90] },
  ...{ inputs: ['x'], target: { kind: 'column', column: 'y' }, task: { kind: 'binary', classes: [0, 1] } },
  ...{ weight: null, sample: null, model: 'long', experiment: 'long', createdAt: 0 },
};

const outcomeOf = ({ trial, rung, params }: Pick<Claim, 'trial' | 'rung' | 'params'>): Outcome => {
  const value = axes.reduce((sum, name) => sum + (Number(params[name]) - 0.3) ** 2, 0);
  const key = `studies/${id}/models/${trial}-${rung}.onnx`;
  return {
    ...{ kind: 'reported', value, metrics: { auc: value, accuracy: 1 - value }, resource: 10 * 3 ** rung },
    reports: Array.from({ length: 5 }, (_, at) => ({ step: at + 1, value: value + 1 / (at + 1) })),
    checkpoint: `studies/${id}/checkpoints/${trial}-${rung}.bin`,
    ...{ model: { digest: '0123456789abcdef'.repeat(4), key, size: 100_000 }, seconds: 1.234 },
  };
};

/** A study of so many trials, a third of which were promoted once and a ninth twice, by lanes that were always busy. */
async function make(store: ObjectStore): Promise<void> {
  const { budget: _, trials: most, ...record } = study;
  await store.put(keys.studyRecord(id), encodeJson(record));
  await store.put(keys.budget(id, 0), encodeJson({ trials: most, sampler: study.sampler }));
  const history = new History();
  const next = stream('bench/ask');
  const tellClaim = async (claim: Claim) => {
    const { trial, rung, attempt, params } = claim;
    const event = {
      ...{ trial, rung, attempt, params, outcome: outcomeOf(claim), startedAt: claim.at, at: claim.at + 9 },
    };
    await store.put(keys.event(id, claim.number), encodeJson(event));
    history.end(claim.number, event);
  };
  const claimNext = async (trial: number, rung: number) => {
    const { open, claims } = history;
    if (open.length === lanes) await tellClaim(open[Math.floor(next() * lanes)]!);
    const claim: Claim = {
      ...{
        number: claims.length,
        trial,
        rung,
        attempt: 1,
        execution,
        lane: claims.length % lanes,
        budget: 0,
      },
      params: rung === 0 ? sampleRandom(study, trial) : history.firstOf(trial).params,
      open: history.open.map(({ number }) => number),
      at: 1000 * claims.length,
    };
    await store.put(keys.claim(id, claim.number), encodeJson(claim));
    history.add(claim);
    await writeSnapshots(store, id, history);
  };
  for (let trial = 0; trial < trials; trial++) {
    await claimNext(trial, 0);
    if (trial % 3 === 2 && trial > 50) await claimNext(trial - 49, 1);
    if (trial % 9 === 8 && trial > 100) await claimNext(trial - 96 - ((trial - 96) % 3) + 1, 2);
  }
  for (const claim of history.open) await tellClaim(claim);
}

/** The store, counting what is read. */
function counted(store: ObjectStore) {
  const reads = { count: 0 };
  const get: ObjectStore['get'] = (key, room) => {
    reads.count += 1;
    return store.get(key, room);
  };
  return { reads, store: { ...store, get } };
}

const portsOf = (store: ObjectStore) => ({ store, warm: keepWarm(), now: Date.now }) as Ports;

async function timed<T>(work: () => Promise<T>) {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

const plain = fileStore(folder);
await make(plain);

const log = counted(plain);
const byLog = await timed(() => readLog(log.store, id));

const { reads, store } = counted(plain);
const ports = portsOf(store);
const cold = await timed(() => ask({ study: id, lane: 0, execution: 'run-2' }, ports));
const coldReads = reads.count;

const warm: number[] = [];
const warmReads: number[] = [];
let asked = cold.value as { claim: string; trial: number; rung: number };
for (let at = 0; at < warmAsks; at++) {
  const params = ((await store.get(asked.claim)) && { a: 0.5, b: 0.5, c: 0.5, d: 0.5, e: 0.5, f: 0.5 }) || {};
  await tell({ study: id, claim: asked.claim, outcome: outcomeOf({ ...asked, params }) }, portsOf(plain));
  const before = reads.count;
  const one = await timed(() => ask({ study: id, lane: 0, execution: 'run-2' }, ports));
  asked = one.value as typeof asked;
  warm.push(one.cpuSeconds);
  warmReads.push(reads.count - before);
}
const p95 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1];
const told = {
  ...{ trials, claims: byLog.value.claims.length, sampler, lanes },
  log: { reads: log.reads.count, seconds: byLog.seconds, cpuSeconds: byLog.cpuSeconds },
  cold: { reads: coldReads, seconds: cold.seconds, cpuSeconds: cold.cpuSeconds },
  warm: { reads: p95(warmReads), cpuSeconds: p95(warm) },
};
process.stdout.write(`${JSON.stringify(told)}\n`);
