import { z } from 'zod';
import { ModelReport } from '../../lib/contracts/model-report.ts';
import { Name, VersionNumber } from '../../lib/contracts/names.ts';
import { readVersion } from '../../lib/models/registry.ts';
import { readModelReport, readReportPage } from '../../lib/models/report-files.ts';
import { RawResponse } from './response.ts';
import { route } from './route.ts';

/** The page has no scripts, and its pictures are data. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const getVersionReport = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/report',
    about: 'Returns the report of a version: its evaluation in detail, as JSON or as one HTML page.',
    params: z.object({ name: Name, version: VersionNumber }),
    query: z.object({ format: z.enum(['json', 'html']).default('json') }),
    response: ModelReport,
    contentTypes: ['text/html'],
    problems: [404],
  },
  async ({ params: { name, version }, query: { format } }, { world: { store } }) => {
    const found = await readVersion(name, version, store);
    if (format === 'json') return readModelReport(found, store);
    return new RawResponse(await readReportPage(found, store), {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
    });
  },
);
