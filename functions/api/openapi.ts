import { isDeepStrictEqual } from 'node:util';
/** The API as OpenAPI 3.1, made of the contracts of the routes: nothing here is written a second time. */
import type { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { DatasetRecord, DatasetReport, UploadRecord } from '../../lib/contracts/dataset.ts';
import { Problem } from '../../lib/contracts/http.ts';
import { BatchPredictJob, EvaluateJob, JobRecord } from '../../lib/contracts/job.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { ModelCard } from '../../lib/contracts/model-card.ts';
import { ModelRecord } from '../../lib/contracts/model-record.ts';
import { ModelReport } from '../../lib/contracts/model-report.ts';
import { PredictionResult } from '../../lib/contracts/prediction.ts';
import { version } from '../../lib/contracts/version.ts';
import { requestHeaders } from './request-headers.ts';
import { hasEntityTag, type Route } from './route.ts';
import type { RouteContract } from './route-contract.ts';

type Contract = RouteContract<z.ZodType, z.ZodType, z.ZodType>;

/** Problems that any request may meet. */
const COMMON = [400, 401, 403, 408, 421, 429, 431, 500, 503];
const TITLES: Readonly<Record<number, string>> = {
  304: 'The client has this representation already.',
  400: 'The request does not fit its contract; `at` says where.',
  401: 'No token, or not the one of this server.',
  403: 'The caller may not do this.',
  404: 'What was named does not exist.',
  408: 'The body came too slowly.',
  409: 'The state does not allow it, or the Idempotency-Key stands for another request.',
  412: 'The record has changed since the caller read it.',
  413: 'The body is too large.',
  421: 'The request asks for a server of another name.',
  422: 'The images, labels or files cannot be used.',
  429: 'Too many requests at once. Retry after the time in Retry-After.',
  431: 'The headers are too large.',
  500: 'The server failed.',
  503: 'No room for now.',
  507: 'The store is full.',
};

export type OpenapiDocument = ReturnType<typeof createDocument>;

export function openapiDocument(routes: readonly Route[]): OpenapiDocument {
  const paths: ZodOpenApiPathsObject = {};
  for (const { contract } of routes) {
    paths[contract.path] = { ...paths[contract.path], [contract.method.toLowerCase()]: operation(contract) };
  }
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Graft',
        version,
        description: 'Serverless transfer learning: labelled images in, a served model out.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      paths,
      components: {
        schemas: {
          Problem,
          UploadRecord,
          DatasetRecord,
          DatasetReport,
          JobSpec,
          JobRecord,
          BatchPredictJob,
          EvaluateJob,
          ModelCard,
          ModelRecord,
          ModelReport,
          PredictionResult,
        },
      },
    },
    {
      override({ jsonSchema }) {
        withoutDiscriminator(jsonSchema);
        withEqualItems(jsonSchema);
      },
    },
  );
}

/** Some tools do not know `prefixItems`. A tuple of equal items has a fixed number of these items, which says the same. */
function withEqualItems(schema: { prefixItems?: unknown; items?: unknown }): void {
  const { prefixItems } = schema;
  if (!Array.isArray(prefixItems) || !prefixItems.every((item) => isDeepStrictEqual(item, prefixItems[0]))) return;
  delete schema.prefixItems;
  schema.items = prefixItems[0];
}

/** A training's record may lack its kind, which a discriminator of OpenAPI may not. */
function withoutDiscriminator(schema: object): void {
  if ('discriminator' in schema) delete schema.discriminator;
}

function operation(contract: Contract): ZodOpenApiOperationObject {
  const { method, path, about, params, query } = contract;
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-z0-9]+/gi, '_')}`,
    summary: about,
    tags: [path.split('/')[2] ?? 'about'],
    requestParams: {
      ...(isObject(params) && { path: params }),
      ...(isObject(query) && { query }),
      header: requestHeaders(contract),
    },
    ...requestBody(contract),
    responses: responses(contract),
  };
}

function requestBody({ body, takesBytes = false }: Contract) {
  if (body === undefined && !takesBytes) return {};
  const content = {
    ...(body !== undefined && { 'application/json': { schema: body } }),
    ...(takesBytes && { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } }),
  };
  // A request without a body is an empty object.
  const required = takesBytes || body?.safeParse({}).success !== true;
  return { requestBody: { required, content } };
}

function responses(contract: Contract): ZodOpenApiOperationObject['responses'] {
  const { method, status = 200, response, contentTypes = [], problems = [], idempotency } = contract;
  const hasBody = contract.body !== undefined || contract.takesBytes;
  const failures = [
    ...COMMON,
    ...problems,
    ...(hasBody ? [413] : []),
    ...(method === 'POST' ? [409] : []),
    ...(method !== 'GET' ? [507] : []),
  ];
  const headers = {
    ...(hasEntityTag(contract) && { ETag: textHeader }),
    ...(method === 'POST' && idempotency !== 'none' && { 'Idempotency-Replayed': replayedHeader }),
  };
  const success = { description: 'Done.', headers, ...successContent(response, contentTypes) };
  const listed = [...new Set(failures)].sort();
  return {
    [`${status}`]: success,
    ...(method === 'GET' &&
      response !== undefined && { '304': { description: TITLES[304] ?? '', headers: { ETag: textHeader } } }),
    ...Object.fromEntries(listed.map((failure) => [`${failure}`, problemResponse(failure)])),
  };
}

const textHeader = { schema: { type: 'string' as const } };
const replayedHeader = {
  description: 'Present where the answer is that of an earlier request with the same Idempotency-Key.',
  schema: { type: 'string' as const, enum: ['true'] },
};

function successContent(response: z.ZodType | undefined, contentTypes: readonly string[]) {
  const text = { schema: { type: 'string' as const } };
  const others = Object.fromEntries(contentTypes.map((type) => [type, text]));
  if (response !== undefined) return { content: { 'application/json': { schema: response }, ...others } };
  return contentTypes.length === 0 ? {} : { content: others };
}

function problemResponse(status: number) {
  return {
    description: TITLES[status] ?? 'A problem.',
    ...(status === 429 && { headers: { 'Retry-After': { schema: { type: 'integer' as const } } } }),
    ...(status === 401 && { headers: { 'WWW-Authenticate': textHeader } }),
    content: { 'application/problem+json': { schema: Problem } },
  };
}

function isObject(schema: z.ZodType | undefined): schema is z.ZodObject {
  return schema?.type === 'object';
}
