import { z } from 'zod';
import { UploadedFile } from '../../lib/contracts/http.ts';
import { MAX_EXPORT_BYTES } from '../../lib/contracts/upload-files.ts';
import type { FileStore } from '../../lib/local/file-store.ts';
import { bodyTooLarge, route, type UnreadBody } from '../api/route.ts';

/** Accepts the files of requests that the embedded store signed, the largest of which are exports. In AWS they go to S3. */
export function putUpload(store: FileStore) {
  return route(
    {
      method: 'PUT',
      path: '/v1/uploads/{token}',
      about: 'Sends one file of an upload.',
      params: z.object({ token: z.string() }),
      takesBytes: true,
      access: 'signature',
      status: 200,
      response: UploadedFile,
      problems: [403, 409, 413, 422, 507],
    },
    async ({ params, unread }) => {
      if (unread.length !== undefined && unread.length > MAX_EXPORT_BYTES) throw bodyTooLarge(MAX_EXPORT_BYTES);
      const { size } = await store.acceptUpload(params.token, {
        length: unread.length,
        chunks: () => atMost(MAX_EXPORT_BYTES, unread),
      });
      return { size };
    },
  );
}

async function* atMost(limit: number, body: UnreadBody): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0;
  for await (const chunk of body.chunks()) {
    length += chunk.length;
    if (length > limit) throw bodyTooLarge(limit);
    yield chunk;
  }
}
