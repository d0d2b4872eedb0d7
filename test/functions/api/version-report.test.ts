import { describe, expect, test } from 'vitest';
import { ModelReport } from '../../../lib/contracts/model-report.ts';
import { makeReport } from '../../../lib/reports/make-report.ts';
import { apiSystem, ask } from '../../support/api.ts';
import { publishScored } from '../../support/scored-model.ts';

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

  test('exists only for a version that does, in a format that does', async () => {
    const { api, world } = apiSystem();
    await publishScored(world, { labels: ['a', 'b'] });
    expect((await ask(api, 'GET /v1/models/scored/versions/2/report')).json).toMatchObject({ code: 'MODEL_VERSION_NOT_FOUND' });
    expect((await ask(api, `GET ${url}?format=pdf`)).json).toMatchObject({ status: 400, at: 'query.format' });
  });
});
