import { z } from 'zod';
import { FileList } from '../../lib/contracts/file-link.ts';
import { Name, VersionNumber } from '../../lib/contracts/names.ts';
import { linkFiles } from '../../lib/models/link-files.ts';
import { readVersion } from '../../lib/models/registry.ts';
import { route } from './route.ts';

export const listVersionFiles = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/files',
    about: 'Lists the files of a version, with a signed request for each.',
    params: z.object({ name: Name, version: VersionNumber }),
    response: FileList,
    problems: [404],
  },
  async ({ params: { name, version } }, { world }) => {
    const found = await readVersion(name, version, world.store);
    return linkFiles(found.package, world);
  },
);
