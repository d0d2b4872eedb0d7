import { z } from 'zod';
import type { FileStore } from '../../lib/local/file-store.ts';
import { RawResponse } from '../api/response.ts';
import { route } from '../api/route.ts';

/** Serves the files of requests that the embedded store signed. In AWS, S3 serves them. */
export function getDownload(store: FileStore) {
  return route(
    {
      method: 'GET',
      path: '/v1/downloads/{token}',
      about: 'Fetches one file by its signed request.',
      params: z.object({ token: z.string() }),
      access: 'signature',
      contentTypes: ['application/octet-stream'],
      problems: [403, 404],
    },
    async ({ params }) => {
      const { key, size, stream } = await store.openDownload(params.token);
      const name = key.slice(key.lastIndexOf('/') + 1).replaceAll(/[^\w.-]/g, '_');
      const headers = {
        'content-type': 'application/octet-stream',
        'content-length': `${size}`,
        'content-disposition': `attachment; filename="${name}"`,
        'x-content-type-options': 'nosniff',
      };
      return new RawResponse('', headers, 200, stream);
    },
  );
}
