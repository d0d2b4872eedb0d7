import { describe, expect, test } from 'vitest';
import { createClient } from '../../../lib/client/client.ts';
import { ModelReport } from '../../../lib/contracts/model-report.ts';
import { jobDocument } from '../../../lib/jobs/job-store.ts';
import { makeReport } from '../../../lib/reports/make-report.ts';
import { changeDocument } from '../../../lib/store/documents.ts';
import { apiSystem, ask } from '../../support/api.ts';
import { publishScored } from '../../support/models/scored-model.ts';

const url = '/v1/models/scored/versions/1/report';

describe('the report of a version', () => {
  test('is JSON, or a page that allows nothing but its own style and pictures', async () => {
    const { api, world } = apiSystem();
    await publishScored(world, { labels: ['a', 'b'] });
    expect((await ask(api, `GET ${url}`)).json).toMatchObject({ status: 404, code: 'MODEL_REPORT_MISSING' });
    await makeReport('scored', 1, world.store);
    const { json, headers } = await ask(api, `GET ${url}`);
    expect(ModelReport.parse(json)).toMatchObject({ model: 'scored', version: 1, task: 'single-label' });
    expect(headers.etag).toBeDefined();
    const page = await api({ method: 'GET', url: `${url}?format=html`, headers: {} });
    expect(page.headers?.['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers?.['content-security-policy']).toMatch(/^default-src 'none'; style-src 'unsafe-inline'; img-src data:;/);
    expect(new TextDecoder().decode(page.body)).toContain('<title>scored@1: report</title>');
  });

  test('is named by the job that trained it, as soon as it exists', async () => {
    const { api, world } = apiSystem();
    const published = await publishScored(world, { labels: ['a', 'b'] });
    const client = createClient(api);
    const { job, card } = await client.models.version('scored', 1);
    const { strategy, metrics, bestEpoch } = card;
    const at = '2030-01-01T00:00:00.000Z';
    const seconds = { features: 3, train: 2, evaluate: 0.5, total: 7 };
    const features = { cached: 0, decoded: 1 };
    const { version, package: prefix } = published;
    const made = { model: 'scored', version, package: prefix, strategy, runtime: 'wasm' };
    const result = { ...made, seconds, features, metrics, bestEpoch };
    const ended = { id: job, state: 'SUCCEEDED' as const, createdAt: at, updatedAt: at, attempt: 1, spec: card.spec };
    await changeDocument(world.store, jobDocument, job, () => ({ ...ended, result }));
    expect(await client.jobs.get(job)).not.toHaveProperty('reportPage');
    await makeReport('scored', 1, world.store);
    const linked = await client.jobs.get(job);
    expect(linked).toMatchObject({ reportPage: '/v1/models/scored/versions/1/report?format=html' });
  });

  test('exists only for a version that does, in a format that does', async () => {
    const { api, world } = apiSystem();
    await publishScored(world, { labels: ['a', 'b'] });
    expect((await ask(api, 'GET /v1/models/scored/versions/2/report')).json).toMatchObject({ code: 'MODEL_VERSION_NOT_FOUND' });
    expect((await ask(api, `GET ${url}?format=pdf`)).json).toMatchObject({ status: 400, at: 'query.format' });
  });
});
