import type { ReceiveUploadRequest } from '../../core/contracts/requests.ts';
import type { Binding } from '../../core/contracts/uploads.ts';
import { FanfareError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import { receiveUpload, type UploadPorts } from '../../core/steps/receive-upload.ts';
import { byteSource } from './byte-source.ts';
import { memoryStore } from './memory-store.ts';

export interface Start {
  readonly flow: string;
  readonly name: string;
  readonly input: Json;
}

/** A bucket called `b` into which people upload, and Step Functions' memory of names. */
export function bucket(bindings: readonly Binding[] = []) {
  const store = memoryStore();
  const starts: Start[] = [];
  const ports: UploadPorts = {
    store,
    bindings,
    open: async (uri) => {
      const key = uri.replace('s3://b/', '');
      if (await store.head(key)) return [byteSource(new Uint8Array(), key)];
      throw new FanfareError('MissingInput', `there are no objects at '${uri}'`);
    },
    startFlow: async (flow, name, input) => {
      if (starts.some((start) => start.name === name)) return 'exists';
      starts.push({ flow, name, input });
      return 'started';
    },
  };
  /** Writes the object, and gives what S3 then says of it. */
  const upload = async (key: string, body: string | Uint8Array, version = 'v1') => {
    await store.put(key, typeof body === 'string' ? new TextEncoder().encode(body) : body);
    return eventOf(key, (await store.head(key))!.etag, version);
  };
  const receive = (event: ReceiveUploadRequest) => receiveUpload(event, ports);
  return { store, ports, starts, upload, receive };
}

export const eventOf = (key: string, etag: string, version: string): ReceiveUploadRequest => ({
  detail: { bucket: { name: 'b' }, object: { key, etag, 'version-id': version } },
});

export const spec = (change = '') =>
  `name: churn\ntable: customers.csv\ntarget: left\n${change}tune:\n  trials: 4\n  space: { leaves: [7, 15] }\n`;

export const binding: Binding = { prefix: 'uploads/churn/', model: 'models:/churn@champion', format: 'csv' };
