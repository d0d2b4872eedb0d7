import { describe, expect, test } from 'vitest';
import { verify } from '../../../cli/commands/verify.ts';
import { createClient } from '../../../lib/client/client.ts';
import { changeModel } from '../../../lib/models/registry.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { apiSystem } from '../../support/api.ts';
import { changeScores } from '../../support/models/change-scores.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { silent } from '../../support/silent.ts';

/** A published version, and the command for it. */
async function published() {
  const { api, world } = apiSystem();
  const { package: prefix } = await publishScored(world, { labels: ['cat', 'dog'] });
  await world.store.put(`${prefix}report.html`, new TextEncoder().encode('<!doctype html>'));
  const context = { client: createClient(api), wakeWorker: () => {}, store: undefined, locate: String, close: async () => {} };
  const run = async () => {
    const told: { value: unknown; text: string }[] = [];
    const output = { ...silent, result: (value: unknown, text: string) => void told.push({ value, text }) };
    const status = await verify('scored@1', {}, context, output);
    return { status, ...told[0] };
  };
  return { store: world.store, prefix, run };
}

/** Replaces a text in a file. */
async function edit(store: ObjectStore, key: string, was: RegExp, is: string): Promise<void> {
  const text = new TextDecoder().decode((await store.get(key))?.body);
  expect(text).toMatch(was);
  await store.put(key, new TextEncoder().encode(text.replace(was, is)));
}

/** As earlier releases published it: without the digest of the card, and without those of the other files. */
async function withoutDigests(store: ObjectStore, prefix: string): Promise<void> {
  await edit(store, `${prefix}card.json`, /,\s*"files": \{[^}]*\}/, '');
  await changeModel('scored', store, (record) => ({
    ...record,
    versions: record.versions.map(({ cardDigest: _, ...version }) => version),
  }));
}

describe('graft verify', () => {
  test('says of each file what it was compared with', async () => {
    const { run } = await published();
    const { status, value, text } = await run();
    expect(status).toBe(0);
    const checks = Object.fromEntries(
      (value as { files: { name: string; check: string }[] }).files.map(({ name, check }) => [name, check]),
    );
    expect(checks).toEqual({
      'card.json': 'digest',
      'history.json': 'digest',
      'labels.json': 'digest',
      'model.onnx': 'digest',
      'report.html': 'nothing',
      'result.json': 'digest',
      'scores.safetensors': 'digest',
    });
    expect(text).toMatch(/^card\.json .* matches its SHA-256$/m);
    expect(text).toMatch(/^report\.html .* not checked, has no SHA-256$/m);
    expect(text).toMatch(/is intact\. Changes of these files would not be found: report\.html\.$/);
  });

  test.each([
    ['card.json', /"temperature": 2/, '"temperature": 3'],
    ['labels.json', /cat/, 'cow'],
    ['history.json', /0\.01/, '0.02'],
    ['result.json', /"total": 7/, '"total": 8'],
  ])('finds a change in %s', async (name, was, is) => {
    const { store, prefix, run } = await published();
    await edit(store, `${prefix}${name}`, was, is);
    const { status, value, text } = await run();
    expect(status).toBe(1);
    expect(value).toMatchObject({ ok: false, files: expect.arrayContaining([expect.objectContaining({ name, ok: false })]) });
    expect(text).toContain('DOES NOT MATCH ITS SHA-256');
  });

  test('finds a change in the scores', async () => {
    const { store, prefix, run } = await published();
    await changeScores(store, prefix);
    const text = expect.stringMatching(/^scores\.safetensors .* DOES NOT MATCH ITS SHA-256$/m);
    expect(await run()).toMatchObject({ status: 1, text });
  });

  test('misses a file that the card names', async () => {
    const { store, prefix, run } = await published();
    await store.delete(`${prefix}history.json`);
    expect(await run()).toMatchObject({ status: 1, value: { ok: false, missing: ['history.json'] } });
  });

  test('still checks a version of an earlier release, and says what it cannot find', async () => {
    const { store, prefix, run } = await published();
    await withoutDigests(store, prefix);
    expect(await run()).toMatchObject({
      status: 0,
      text: expect.stringContaining('would not be found: card.json, history.json, report.html, result.json, scores.safetensors.'),
    });
    await edit(store, `${prefix}labels.json`, /cat/, 'cow');
    await store.put(`${prefix}scores.safetensors`, new Uint8Array(5));
    const { status, text } = await run();
    expect(status).toBe(1);
    expect(text).toMatch(/^labels\.json .* DOES NOT MATCH THE CARD$/m);
    expect(text).toMatch(/^scores\.safetensors .* UNREADABLE$/m);
  });
});
