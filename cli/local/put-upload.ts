import { z } from 'zod';
import { route } from '../../functions/api/route.ts';
import { TakenFile } from '../../lib/contracts/http.ts';
import type { FileStore } from '../../lib/local/file-store.ts';

/** The largest single image file. */
export const UPLOAD_BYTES = 100 * 2 ** 20;

/** Takes the files whose requests the embedded store has signed; in AWS they go to S3 itself. */
export function putUpload(store: FileStore) {
  return route(
    {
      method: 'PUT',
      path: '/v1/uploads/{token}',
      about: 'Sends one file of an upload.',
      params: z.object({ token: z.string() }),
      rawBody: true,
      maxBodyBytes: UPLOAD_BYTES,
      status: 200,
      response: TakenFile,
      problems: [403, 409, 413, 422, 507],
    },
    async ({ params, bytes }) => {
      const { size } = await store.acceptUpload(params.token, bytes);
      return { size };
    },
  );
}
