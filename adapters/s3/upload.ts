import type { CompletedPart, S3 } from '@aws-sdk/client-s3';
import type { PutCondition } from '../../core/store.ts';

/** Bytes that need not be in memory all at once. */
export interface Content {
  readonly size: number;
  /** Bytes `start` (inclusive) to `end` (exclusive, at most `size`). */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Above this an object goes up in parts. One PUT takes at most 5 GB. */
const wholeBytes = 64 * 2 ** 20;

/** At least 16 MiB a part, and at most S3's 10,000 parts. */
const partBytesOf = (size: number): number => Math.max(16 * 2 ** 20, Math.ceil(size / 10_000));

/** Parts under way at the same time. */
const width = 4;

export const contentOf = (body: Uint8Array): Content => ({
  size: body.length,
  read: async (start, end) => body.subarray(start, end),
});

/** Writes an object, which appears whole or not at all; errors are S3's own (412 where the condition is not met). */
export async function upload(
  client: S3,
  target: { readonly Bucket: string; readonly Key: string },
  content: Content,
  condition?: PutCondition,
): Promise<void> {
  if (content.size > wholeBytes) return uploadParts(client, target, content, condition);
  await client.putObject({
    ...target,
    ...headersOf(condition),
    Body: await content.read(0, content.size),
  });
}

/** The condition is S3's to check when the parts are put together. */
async function uploadParts(
  client: S3,
  target: { readonly Bucket: string; readonly Key: string },
  content: Content,
  condition: PutCondition | undefined,
): Promise<void> {
  const { UploadId } = await client.createMultipartUpload(target);
  const started = { ...target, UploadId };
  try {
    const Parts = await sendParts(client, started, content);
    await client.completeMultipartUpload({
      ...started,
      ...headersOf(condition),
      MultipartUpload: { Parts },
    });
  } catch (error) {
    // What is left over costs money until the bucket's life-cycle rule removes it; the first error says more.
    await client.abortMultipartUpload(started).catch(() => undefined);
    throw error;
  }
}

async function sendParts(
  client: S3,
  started: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
  { size, read }: Content,
): Promise<CompletedPart[]> {
  const partBytes = partBytesOf(size);
  const parts: CompletedPart[] = Array.from({ length: Math.ceil(size / partBytes) }, (_, index) => ({
    PartNumber: index + 1,
  }));
  const waiting = parts.values();
  const sender = async () => {
    for (const part of waiting) {
      const start = (part.PartNumber! - 1) * partBytes;
      const Body = await read(start, Math.min(start + partBytes, size));
      const { ETag } = await client.uploadPart({ ...started, PartNumber: part.PartNumber, Body });
      part.ETag = ETag;
    }
  };
  await Promise.all(Array.from({ length: width }, sender));
  return parts;
}

function headersOf(condition: PutCondition | undefined) {
  switch (condition?.kind) {
    case undefined:
      return {};
    case 'absent':
      return { IfNoneMatch: '*' };
    case 'match':
      return { IfMatch: `"${condition.etag}"` };
  }
}
