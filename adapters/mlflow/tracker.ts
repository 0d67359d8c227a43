import type { Tracker } from '../../core/tracking/tracker.ts';
import type { MlflowClient } from './client.ts';
import { modelStore } from './model-store.ts';
import { registry } from './registry.ts';
import { restApi } from './rest-api.ts';
import { runStore } from './run-store.ts';

/** MLflow 2.22 or 3 as the records need it. A second tracker on the same server must not write at the same time. */
export function mlflowTracker(client: MlflowClient): Tracker {
  const api = restApi(client);
  return { ...runStore(api, client), ...modelStore(api, client), ...registry(api) };
}
