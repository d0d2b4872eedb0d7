import { z } from 'zod';
import { route } from '../../functions/api/route.ts';
import type { FileStore } from '../../lib/local/file-store.ts';

/** Takes the files whose requests the embedded store has signed; in AWS they go to S3 itself. */
export function putUpload(store: FileStore) {
  return route(
    {
      method: 'PUT',
      path: '/v1/uploads/{token}',
      about: 'Sends one file of an upload.',
      params: z.object({ token: z.string() }),
      rawBody: true,
    },
    async ({ params, bytes }) => {
      const { size } = await store.acceptUpload(params.token, bytes);
      return { size };
    },
  );
}
