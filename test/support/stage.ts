import type { TestContext } from 'vitest';
import { type Desk, openDesk } from './cli.ts';
import { type Deployed, deployStack, openTracking, stackName } from './deployed.ts';
import { type Answer, type Ended, type Engine, localEngine, type Run, stackEngine } from './engines.ts';
import { boundPrefix, type Scenario, scenarios } from './scenarios.ts';

type Name = keyof ReturnType<typeof scenarios>;

export const titles = Object.fromEntries(
  Object.entries(scenarios('any')).map(([name, { title }]) => [name, title]),
) as Readonly<Record<Name, string>>;

/** Where scenarios are played: this machine and a deployed stack, with one MLflow for both. */
export interface Stage {
  readonly desk: Desk;
  readonly stack: Deployed;
  /** MLflow's address as this process sees it. */
  readonly mlflow: string;
  engine(name: string): Engine;
  scenario(engine: string, name: Name): Scenario;
  /** Starts a scenario, lets `during` meddle with it, and waits for its end. */
  play(
    context: TestContext,
    engine: string,
    name: Name,
    during?: (run: Run) => Promise<void>,
  ): Promise<Ended>;
  /** What came of a scenario that was played before and ended well. */
  played(engine: string, name: Name): { readonly run: Run; readonly answer: Answer };
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const each of opened.toReversed()) await each.close();
  };
  try {
    const desk = await openDesk();
    opened.push({ close: desk.clear });
    const mlflow = await openTracking(desk.path('mlflow'));
    opened.push(mlflow);
    const stack = await deployStack({
      removalPolicy: 'destroy',
      mlflow: { kind: 'uri', trackingUri: mlflow.inside },
      bindings: [{ prefix: boundPrefix, model: 'models:/colors-stack@champion', experiment: 'colors-stack' }],
    });
    opened.push(stack);
    const engines = { local: localEngine(desk, mlflow.uri), [stackName]: stackEngine(stack) };
    return { desk, stack, mlflow: mlflow.uri, close, ...plays(engines) };
  } catch (error) {
    await close();
    throw error;
  }
}

function plays(
  engines: Readonly<Record<string, Engine>>,
): Pick<Stage, 'engine' | 'scenario' | 'play' | 'played'> {
  const runs = new Map<string, { readonly run: Run; readonly ended: Ended }>();
  const engineOf = (name: string): Engine => {
    const found = engines[name];
    if (found) return found;
    throw new Error(`there is no engine ${name}`);
  };
  const scenarioOf = (engine: string, name: Name): Scenario => scenarios(engineOf(engine).model)[name];
  return {
    engine: engineOf,
    scenario: scenarioOf,
    play: async ({ task }, engine, name, during = async () => {}) => {
      task.meta.cells = [{ scenario: titles[name], engine }];
      const run = await engineOf(engine).start(scenarioOf(engine, name));
      const [ended] = await Promise.all([run.ended, during(run)]);
      runs.set(`${engine} ${name}`, { run, ended });
      return ended;
    },
    played: (engine, name) => {
      const { run, ended } = runs.get(`${engine} ${name}`) ?? {};
      if (run && ended?.kind === 'done') return { run, answer: ended.answer };
      const why = ended?.kind === 'failed' ? ended.reason : 'it was not played';
      throw new Error(`${name} did not end well on ${engine}: ${why}`);
    },
  };
}
