import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import * as z from 'zod';
import type { FlowName, FunctionName } from '../../core/contracts/functions.ts';
import { flows } from '../../core/contracts/functions.ts';
import { TellRequest } from '../../core/contracts/requests.ts';
import type { Json } from '../../core/json.ts';
import { messageOf } from '../../core/steps/job.ts';
import type { FlowEvent } from '../../local/interpreter/engine.ts';

/** What a person sees on stderr while a flow runs: one live line on a terminal, plain lines elsewhere. */
export interface Progress {
  readonly onEvent: (event: FlowEvent) => void;
  readonly onAnswer: (name: FunctionName, request: Json, answer: Json) => void;
  /** Which way the study's metric is better, before its first trial. */
  seek(direction: 'maximize' | 'minimize'): void;
  /** A line that stays. */
  note(line: string): void;
  end(): void;
  /** Seconds that each flow took, nested ones included. */
  seconds(): Readonly<Record<string, number>>;
}

const refreshMs = 200;

/** What a new trial's first claim is answered with, and what was told. */
const Begun = z.object({ rung: z.literal(0), attempt: z.literal(1) });
const Told = z.object({ trial: z.int(), rung: z.int() });

export function startProgress(): Progress {
  const live = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  const began = new Map<FlowName, number>();
  const took = new Map<FlowName, number>();
  const shards = { done: 0, planned: 0 };
  const trials = {
    begun: 0,
    told: 0,
    failed: 0,
    best: undefined as { value: number; at: string } | undefined,
  };
  let stage: FlowName | undefined;
  let sign = 1;

  const note = (line: string) => {
    live?.clear();
    process.stderr.write(`${line}\n`);
  };
  const draw = () => {
    if (stage)
      live?.(`${pc.cyan(stage.padEnd(9))}${doing(stage)}  ${pc.dim(`${elapsed(stage).toFixed(0)} s`)}`);
  };
  const timer = live && setInterval(draw, refreshMs);
  timer?.unref();

  const elapsed = (flow: FlowName) => (Date.now() - (began.get(flow) ?? Date.now())) / 1000;
  const doing = (flow: FlowName): string =>
    flow === 'tune'
      ? `${trials.begun} trials begun, ${trials.told} rungs trained${trials.failed ? `, ${trials.failed} failed` : ''}${trials.best ? `, best ${trials.best.value.toFixed(4)} (${trials.best.at})` : ''}`
      : `${shards.done} of ${shards.planned} shards`;

  return {
    onEvent(event) {
      const flow = flows.find((name) => name === event.flow);
      if (event.kind === 'map-started') Object.assign(shards, { done: 0, planned: event.items });
      if (event.kind === 'item-done') shards.done++;
      if (event.kind === 'state-retried') note(`${event.flow}: ${event.state} failed and is tried again`);
      if (flow === undefined || flow === 'pipeline') return;
      if (event.kind === 'started') {
        stage = flow;
        began.set(flow, event.at);
        if (!live) note(`${flow} …`);
      } else if (event.kind === 'succeeded') {
        const seconds = (event.at - (began.get(flow) ?? event.at)) / 1000;
        took.set(flow, (took.get(flow) ?? 0) + seconds);
        note(
          `${pc.green(flow.padEnd(9))}${flow === 'tune' ? doing(flow) : 'done'}  ${pc.dim(`${seconds.toFixed(1)} s`)}`,
        );
        stage = undefined;
      }
    },
    onAnswer(name, request, answer) {
      if (name === 'ask' && Begun.safeParse(answer).success) trials.begun++;
      if (name !== 'tell') return;
      const told = TellRequest.safeParse(request).data;
      const subject = Told.safeParse(answer).data;
      if (!told || !subject) return;
      const at = `trial ${subject.trial}, rung ${subject.rung}`;
      const { outcome } = told;
      trials.told++;
      if (outcome.kind === 'failed') {
        trials.failed++;
        note(`${pc.yellow('tune')}     ${at} failed: ${outcome.error}: ${messageOf(outcome.cause)}`);
        return;
      }
      if (!trials.best || sign * (outcome.value - trials.best.value) > 0)
        trials.best = { value: outcome.value, at };
      if (!live)
        note(
          `tune     ${at}: ${outcome.value.toFixed(4)} after ${outcome.resource} (${outcome.seconds.toFixed(1)} s)`,
        );
    },
    seek(direction) {
      sign = direction === 'maximize' ? 1 : -1;
    },
    note,
    end() {
      clearInterval(timer);
      live?.clear();
      live?.done();
    },
    seconds: () =>
      Object.fromEntries([...took].map(([flow, seconds]) => [flow, Math.round(seconds * 10) / 10])),
  };
}
