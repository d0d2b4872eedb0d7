import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openEmbeddedStore } from '../../../lib/local/embedded-store.ts';
import { openRowStore } from '../../../lib/local/row-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { objectStoreContract } from '../../support/port-contracts.ts';

objectStoreContract('files and rows', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'graft-test-'));
  const store = openEmbeddedStore({ directory, clock: manualClock() });
  return {
    store,
    upload: ({ url }, body) =>
      store.acceptUpload(url.replace('/v1/uploads/', ''), body).then(
        () => true,
        () => false,
      ),
    async dispose() {
      store.close();
      rmSync(directory, { recursive: true });
    },
  };
});

/** As the contract asks for; the tests of signed requests are of the store that has them. */
objectStoreContract('rows', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'graft-test-'));
  const signing = openEmbeddedStore({ directory, clock: manualClock() });
  const rows = openRowStore({ file: join(directory, 'rows.sqlite'), clock: manualClock() });
  return {
    store: { ...rows, signUpload: signing.signUpload, signDownload: signing.signDownload },
    async upload({ url }, body) {
      const accepted = await signing.acceptUpload(url.replace('/v1/uploads/', ''), body).catch(() => undefined);
      if (accepted !== undefined) await rows.put(accepted.key, body);
      return accepted !== undefined;
    },
    async dispose() {
      rows.close();
      signing.close();
      rmSync(directory, { recursive: true });
    },
  };
});

describe('files and rows', () => {
  const body = Buffer.from('{}');

  it('lie in one order, page by page', async () => {
    const store = openStore();
    const keys = ['blobs/1', 'jobs/1.json', 'jobs/2.json', 'jobsite', 'models/a', 'webhooks/1'];
    for (const key of keys) await store.put(key, body);
    const pages: string[] = [];
    for (let after = '', more = true; more; ) {
      const page = await store.list('', { after, limit: 2 });
      pages.push(page.objects.map(({ key }) => key).join(' '));
      after = page.objects.at(-1)?.key ?? '';
      more = page.more;
    }
    expect(pages).toEqual(['blobs/1 jobs/1.json', 'jobs/2.json jobsite', 'models/a webhooks/1']);
    expect((await store.list('job')).objects.map(({ key }) => key)).toEqual(['jobs/1.json', 'jobs/2.json', 'jobsite']);
  });

  it.each([
    ['jobs/1.json', 'models/1.json'],
    ['models/1.json', 'jobs/1.json'],
    ['jobs/1.json', 'jobs/2.json'],
  ])('copies %s to %s', async (from, to) => {
    const store = openStore();
    await expect(store.copy(from, to)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    await store.put(from, body);
    await store.copy(from, to);
    expect((await store.get(to))?.body).toEqual(new Uint8Array(body));
  });

  it('refuse the same keys', async () => {
    const store = openStore();
    for (const key of ['jobs/', 'jobs/../a', 'jobs//a', 'jobs/\0']) {
      const refusal = { name: 'SpecError', code: 'OBJECT_KEY_INVALID', received: key };
      await expect(store.put(key, body)).rejects.toMatchObject(refusal);
      await expect(store.get(key)).rejects.toMatchObject(refusal);
      await expect(store.head(key)).rejects.toMatchObject(refusal);
      await expect(store.delete(key)).rejects.toMatchObject(refusal);
    }
  });

  it('keep an ETag for one version alone, whoever wrote in between', async () => {
    const store = openStore();
    const { etag } = await store.put('jobs/1.json', body);
    await store.delete('jobs/1.json');
    const again = await store.put('jobs/1.json', body);
    expect(again.etag).not.toBe(etag);
    for (const unknown of ['', '!', 'ZZ', '9'.repeat(40)])
      await expect(store.put('jobs/1.json', body, { ifMatch: unknown })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});

it('a file that is no database is told as what cannot be used', () => {
  const directory = temporaryFolder();
  openEmbeddedStore({ directory, clock: manualClock() }).close();
  rmSync(join(directory, 'records.sqlite'));
  writeFileSync(join(directory, 'records.sqlite'), 'x'.repeat(8192));
  expect(() => openEmbeddedStore({ directory, clock: manualClock() })).toThrow(
    expect.objectContaining({ name: 'RuntimeError', code: 'STORE_FAILED' }),
  );
});

function openStore(): ReturnType<typeof openEmbeddedStore> {
  const store = openEmbeddedStore({ directory: temporaryFolder(), clock: manualClock() });
  onTestFinished(() => store.close());
  return store;
}
