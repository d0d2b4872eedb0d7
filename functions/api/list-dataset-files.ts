import { z } from 'zod';
import { FileList } from '../../lib/contracts/file-link.ts';
import { UploadId } from '../../lib/contracts/names.ts';
import { DatasetRef } from '../../lib/contracts/reference.ts';
import { readUpload, refusedKey } from '../../lib/datasets/uploads/upload-record.ts';
import { findVersion } from '../../lib/datasets/versions/dataset-store.ts';
import { manifestKeys } from '../../lib/datasets/versions/manifest.ts';
import { reportKeys } from '../../lib/datasets/versions/report-store.ts';
import { linkFile } from '../../lib/models/link-files.ts';
import type { World } from '../../lib/ports.ts';
import { route } from './route.ts';

export const listDatasetFiles = route(
  {
    method: 'GET',
    path: '/v1/datasets/{id}/files',
    about:
      'Lists the complete report and the manifest of a data set version, or the files that made an upload fail, with a signed ' +
      'request for each file.',
    params: z.object({ id: z.union([UploadId, DatasetRef]) }),
    response: FileList,
    problems: [404],
  },
  async ({ params: { id } }, { world }) => {
    const keys = await keysOf(id, world);
    const links = await Promise.all(keys.map(([name, key]) => linkFile(name, key, world)));
    return { files: links.filter((link) => link !== undefined) };
  },
);

async function keysOf(id: string, { store }: World): Promise<[name: string, key: string][]> {
  if (!UploadId.safeParse(id).success) {
    const { name, digest } = await findVersion(id, store);
    return [...(await reportKeys(`${name}@${digest}`, store)), ...(await manifestKeys(digest, store))];
  }
  const { report } = await readUpload(id, store);
  const ofReport = report === undefined ? [] : await reportKeys(`${report.dataset}@${report.digest}`, store).catch(() => []);
  return [...ofReport, ['refused.json', refusedKey(id)]];
}
