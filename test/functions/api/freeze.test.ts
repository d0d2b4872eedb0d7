/** What a user wants frozen is checked when the job is submitted or estimated, before anything is computed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiSystem, ask } from '../../support/api.ts';
import { importStored, uploadSource } from '../../support/datasets/upload.ts';
import { graftJson, scratchFolder, trashPhotographs } from '../../support/graft.ts';

const cases: readonly (readonly [unknown, string, RegExp])[] = [
  [{ layers: '(a+)+$' }, 'FREEZE_PATTERN', /block6d_add/],
  [{ layers: '(block)+$' }, 'FREEZE_PATTERN', /block6d_add/],
  [{ layers: '(?!block7).*' }, 'FREEZE_PATTERN_UNSUPPORTED', /look-ahead/],
  [{ layers: '(b)lock\\1' }, 'FREEZE_PATTERN_UNSUPPORTED', /back-reference \\1/],
  [{ layers: '(block' }, 'FREEZE_PATTERN', /regular expression/],
  [{ through: 'block99' }, 'CUT_UNKNOWN', /block6 \(block6d_add\)/],
  [{ stages: 50 }, 'FREEZE_STAGES', /0 to 9/],
];

test('a freeze that cannot be is refused by an estimate and by a submission', async () => {
  const { api, world } = apiSystem();
  await importStored({ name: 'trash', files: await uploadSource(world.store, trashPhotographs) }, world);
  for (const [freeze, code, message] of cases) {
    for (const route of ['POST /v1/estimates', 'POST /v1/jobs'] as const) {
      const { json } = await ask(api, route, { name: 'trash', dataset: 'trash', freeze });
      expect(json, `${route} ${JSON.stringify(freeze)}`).toMatchObject({
        status: 400,
        code,
        detail: expect.stringMatching(message),
      });
    }
  }
  expect((await ask(api, 'GET /v1/jobs')).json.jobs).toEqual([]);
});

test('the command refuses it in a dry run', async () => {
  const directory = scratchFolder();
  const spec = join(directory, 'spec.json');
  await writeFile(spec, JSON.stringify({ freeze: { layers: 'block(?=1).*' } }));
  const refused = await graftJson(['train', '--dataset', trashPhotographs, '--spec', spec, '--dry-run'], {
    GRAFT_DATA_DIR: directory,
  });
  expect(refused).toMatchObject({ error: { code: 'FREEZE_PATTERN_UNSUPPORTED', at: 'freeze.layers' } });
});
