import type { ModelVersion, Registry } from '../../core/tracking/tracker.ts';
import { MlflowError, orMissing } from './errors.ts';
import { everyPage, type RestApi } from './rest-api.ts';
import { runModelOf, runModelSource } from './run-models.ts';
import { answers, pairs, quoted, tagFilter } from './wire.ts';

export function registry(api: RestApi): Registry {
  return {
    async aliases(name) {
      const found = await orMissing(api.get(answers.registeredModel, 'registered-models/get', { name }));
      if (found === undefined) return undefined;
      return Object.fromEntries(found.registered_model.aliases.map(({ alias, version }) => [alias, version]));
    },

    async searchVersions({ name, tags }) {
      const conditions = [
        name === undefined ? [] : [`name = ${quoted(name)}`],
        tags ? [tagFilter(tags)] : [],
      ];
      const found = await everyPage(async (token) => {
        const query = { filter: conditions.flat().join(' AND '), max_results: '1000' };
        const paged = token === undefined ? query : { ...query, page_token: token };
        const { model_versions, next_page_token } = await api.get(
          answers.versions,
          'model-versions/search',
          paged,
        );
        return { items: model_versions, next: next_page_token };
      });
      return found.toSorted(newestFirst);
    },

    async createRegisteredModel(name) {
      try {
        await api.create(answers.nothing, 'registered-models/create', { name });
      } catch (error) {
        if (!(error instanceof MlflowError && error.code === 'RESOURCE_ALREADY_EXISTS')) throw error;
      }
    },

    async createVersion({ name, modelId, runId, description, tags }) {
      const run = runModelOf(modelId);
      const made = run
        ? { source: await runModelSource(api, run) }
        : { source: `models:/${modelId}`, model_id: modelId };
      const version = { name, ...made, run_id: runId, description, tags: pairs(tags) };
      return (await api.create(answers.version, 'model-versions/create', version)).model_version;
    },

    async setAlias(name, alias, version) {
      await api.post(answers.nothing, 'registered-models/alias', { name, alias, version });
    },

    async deleteVersion(name, version) {
      await api.remove('model-versions/delete', { name, version });
    },

    async tagVersion(name, version, tags) {
      for (const { key, value } of pairs(tags))
        await api.post(answers.nothing, 'model-versions/set-tag', { name, version, key, value });
    },

    async describeVersion(name, version, description) {
      await api.patch(answers.version, 'model-versions/update', { name, version, description });
    },
  };
}

const newestFirst = (a: ModelVersion, b: ModelVersion): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : Number(b.version) - Number(a.version);
