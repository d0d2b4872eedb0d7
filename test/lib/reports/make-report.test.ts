import { describe, expect, test, vi } from 'vitest';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import { setAlias } from '../../../lib/models/aliases.ts';
import { deleteVersion } from '../../../lib/models/delete-model.ts';
import { reportFiles } from '../../../lib/models/report-files.ts';
import { makeReport } from '../../../lib/reports/make-report.ts';
import { storeKeys } from '../../../lib/store/store-keys.ts';
import { HOSTILE, publishScored } from '../../support/models/scored-model.ts';
import { watchedStore } from '../../support/watched-store.ts';
import { testWorld } from '../../support/world.ts';

const read = async (store: ReturnType<typeof testWorld>['store'], key: string) =>
  new TextDecoder().decode((await store.get(key))?.body);

describe('makeReport', () => {
  test('writes the same bytes each time, in JSON and HTML', async () => {
    const world = testWorld();
    const { package: prefix } = await publishScored(world, { labels: ['a', 'b', 'c'] });
    const both = async () => {
      await makeReport('scored', 1, world.store);
      return [await read(world.store, `${prefix}${reportFiles.json}`), await read(world.store, `${prefix}${reportFiles.page}`)];
    };
    const once = await both();
    expect(await both()).toEqual(once);
    expect(once[1]).toContain('data:image/jpeg;base64,');
    // The package of this version has no model that could explain anything.
    expect(once[1]).toContain('<dt>Heat maps</dt><dd>The model could not be opened to explain its predictions.</dd>');
  });

  test('writes nothing if the version is deleted while the report is drawn', async () => {
    const world = testWorld();
    const { package: prefix } = await publishScored(world, { labels: ['a', 'b', 'c'] });
    let deletion: Promise<unknown> | undefined;
    const store = watchedStore(world.store, async (_, name, [key]) => {
      // Drawing begins with the images.
      if (name !== 'get' || !String(key).startsWith(storeKeys.blobs.prefix)) return;
      deletion ??= deleteVersion('scored', 1, world.store);
      await deletion;
    });
    await expect(makeReport('scored', 1, store)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect((await world.store.list(prefix)).objects).toEqual([]);
  });

  test.each(['single-label', 'multi-label'] as const)('escapes labels and paths everywhere: %s', async (task) => {
    const world = testWorld();
    const { package: prefix } = await publishScored(world, { labels: HOSTILE, task });
    await makeReport('scored', 1, world.store);
    const page = await read(world.store, `${prefix}${reportFiles.page}`);
    for (const name of HOSTILE) expect(page).not.toContain(name);
    expect(page).not.toMatch(/<script|<img src=x/i);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;');
    // Outside of tags no quote is needed; inside, only those that begin and end an attribute are left.
    const attributes = [...page.matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag.replaceAll(/[a-zA-Z0-9-]+="[^"]*"/g, ''));
    for (const tag of attributes) expect(tag).not.toMatch(/["']|onerror/);
  });

  test('shows the images that were predicted, not those without a label that stand between them', async () => {
    const world = testWorld();
    const labels = ['M', 'a', 'b'];
    await publishScored(world, { labels, waiting: 3, number: 1, predict: ({ label }) => (label === 'a' ? 'b' : label) });
    const { errors = [], leastSure = [] } = await makeReport('scored', 1, world.store);
    expect(errors).toHaveLength(8);
    for (const { path } of errors) expect(path).toMatch(/^a\//);
    for (const { path } of leastSure) expect(path).not.toMatch(/^Unlabelled/);
    await publishScored(world, { labels, number: 2, predict: ({ label }) => label });
    await setAlias({ name: 'scored', alias: 'prod', version: 1, at: world.clock.now() }, world.store);
    expect((await makeReport('scored', 2, world.store)).comparison).toMatchObject({ version: 1, images: 24 });
  });

  test('compares with the alias prod on the images that both were evaluated on', async () => {
    const world = testWorld();
    await publishScored(world, { labels: ['a', 'b', 'c'], seed: 1, number: 1 });
    await publishScored(world, { labels: ['a', 'b', 'c'], seed: 2, number: 2 });
    expect((await makeReport('scored', 2, world.store)).omitted.comparison).toBe('The model has no alias prod.');
    await setAlias({ name: 'scored', alias: 'prod', version: 1, at: world.clock.now() }, world.store);
    expect((await makeReport('scored', 2, world.store)).comparison).toMatchObject({ alias: 'prod', version: 1, images: 24 });
    expect((await makeReport('scored', 1, world.store)).omitted.comparison).toBe('The alias prod points to this version.');
  });

  test.each([
    [reportFiles.scores, 'Model package damaged'],
    ['card.json', 'Model package damaged'],
  ])('leaves out only the comparison if the version of prod has a damaged %s', async (file, problem) => {
    const world = testWorld();
    const { package: current } = await publishScored(world, { labels: ['a', 'b', 'c'], seed: 1, number: 1 });
    const { package: prefix } = await publishScored(world, { labels: ['a', 'b', 'c'], seed: 2, number: 2 });
    await setAlias({ name: 'scored', alias: 'prod', version: 1, at: world.clock.now() }, world.store);
    await world.store.put(`${current}${file}`, new TextEncoder().encode('{"half of a'));
    const report = await makeReport('scored', 2, world.store);
    const reason = `The version of the alias prod, 1, cannot be read: ${problem}: ${current}${file}.`;
    expect(report).toMatchObject({ omitted: { comparison: reason }, confusion: {} });
    expect(await read(world.store, `${prefix}${reportFiles.page}`)).toContain(reason);
  });

  test('leaves images out whose data set is gone', async () => {
    const world = testWorld();
    await publishScored(world, { labels: ['a', 'b'] });
    await deleteDataset('scored', world);
    for (const { key } of (await world.store.list('manifests/')).objects) await world.store.delete(key);
    const report = await makeReport('scored', 1, world.store);
    expect(report.errors).toBeUndefined();
    expect(report.omitted.leastSure).toBe('The images are not in the store any more.');
    expect(report.metrics.accuracy.value).toBeGreaterThan(0);
  });

  test.each([
    { isDeleted: true, result: 'leaves images out whose data set is gone, although a shard of its manifest is left' },
    { isDeleted: false, result: 'refuses a manifest that lacks a shard while its data set exists' },
  ])('$result', async ({ isDeleted }) => {
    const world = testWorld();
    await publishScored(world, { labels: ['a', 'b'] });
    if (isDeleted) await deleteDataset('scored', world);
    for (const { key } of (await world.store.list('manifests/')).objects) {
      const [first = ''] = (await read(world.store, key)).split('\n');
      await world.store.put(key.replace('.jsonl', '/000000.jsonl'), new TextEncoder().encode(`${first}\n`));
      await world.store.delete(key);
    }
    const made = makeReport('scored', 1, world.store);
    if (isDeleted) expect((await made).omitted.leastSure).toBe('The images are not in the store any more.');
    else await expect(made).rejects.toMatchObject({ code: 'MANIFEST_CHANGED' });
  });

  test.each(['manifests/', 'reports/'])('does not take an error of the store at %s for a deleted data set', async (prefix) => {
    const { store, ...world } = testWorld();
    await publishScored({ store, ...world }, { labels: ['a', 'b'] });
    const get = store.get.bind(store);
    vi.spyOn(store, 'get').mockImplementation(async (key) => {
      if (key.startsWith(prefix)) throw new Error('the connection was reset');
      return get(key);
    });
    await expect(makeReport('scored', 1, store)).rejects.toThrow('the connection was reset');
  });

  test('without scores it says what to do', async () => {
    const world = testWorld();
    const { package: prefix } = await publishScored(world, { labels: ['a', 'b'] });
    await world.store.delete(`${prefix}${reportFiles.scores}`);
    await expect(makeReport('scored', 1, world.store)).rejects.toMatchObject({ code: 'MODEL_SCORES_MISSING' });
  });
});
