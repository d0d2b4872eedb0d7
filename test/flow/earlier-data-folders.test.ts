/**
 * What earlier versions of Graft wrote goes on working: jobs, models, data sets, predictions and trainings in the
 * folders that they left.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { earlierLayouts, unpackEarlierFolder } from '../support/datasets/earlier-data-folder.ts';
import { graft, graftJson, scratchFolder } from '../support/graft.ts';

const red = sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } });

describe.each(earlierLayouts)('the data folder of layout %i', (layout) => {
  test('has its job, model and data set, predicts, and trains', async () => {
    const folder = scratchFolder();
    const environment = { GRAFT_DATA_DIR: join(folder, 'data') };
    unpackEarlierFolder(layout, environment.GRAFT_DATA_DIR);

    const { jobs } = await graftJson(['jobs'], environment);
    expect(jobs).toMatchObject([{ state: 'SUCCEEDED', result: { model: 'tiny', version: 1 } }]);
    const job = await graftJson(['job', jobs[0].id], environment);
    expect(job).toMatchObject({ id: jobs[0].id, spec: { name: 'tiny', backbone: { name: 'own' } }, result: { version: 1 } });
    expect(await graftJson(['models'], environment)).toMatchObject({ models: [{ name: 'tiny', versions: [{ version: 1 }] }] });
    expect(await graftJson(['dataset', 'tinyset'], environment)).toMatchObject({ accepted: 16, dataset: 'tinyset' });

    const image = join(folder, 'red.png');
    await red.png().toFile(image);
    const { predictions } = await graftJson(['predict', 'tiny', image], environment);
    expect(predictions[0].labels[0]).toMatchObject({ label: 'red', probability: expect.closeTo(0.5, 1) });

    const spec = join(folder, 'spec.json');
    const { backbone } = job.spec;
    writeFileSync(spec, JSON.stringify({ backbone, strategy: 'feature-extraction', training: { epochs: 1 } }));
    const train = ['train', '--dataset', 'tinyset', '--name', 'tiny', '--spec', spec, '--wait'];
    expect(await graftJson(train, environment)).toMatchObject({ state: 'SUCCEEDED', model: 'tiny', version: 2 });
    expect((await graftJson(['jobs'], environment)).jobs).toHaveLength(2);
  });
});

test('a data folder of a later version is refused with a sentence that names both versions and what to do', async () => {
  const directory = scratchFolder();
  mkdirSync(join(directory, 'store'));
  writeFileSync(join(directory, 'store', 'version.json'), '{"version":1000}');
  const { status, stderr } = await graft(['jobs'], { GRAFT_DATA_DIR: directory });
  expect(status).toBe(1);
  expect(stderr).toMatch(/expected a data folder of version \d+ or earlier, received 1000/);
  expect(stderr).toContain('use the version of Graft that wrote it or a later one');
});
