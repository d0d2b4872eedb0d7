/**
 * In how many ways the contracts of the routes let a caller ask: made of the table of routes, so that no route and no
 * member is left out.
 */
import { z } from 'zod';
import type { Route } from '../../../functions/api/route.ts';
import { ComputeSpec } from '../../../lib/contracts/compute.ts';
import { DatasetImageList } from '../../../lib/contracts/dataset-http.ts';
import { EvaluatedImageList } from '../../../lib/contracts/evaluated-images.ts';
import { FileList } from '../../../lib/contracts/file-link.ts';
import { GateRule } from '../../../lib/contracts/gate.ts';
import { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { BackboneSpec, FineTuningSpec, FreezeSpec, SplitShares } from '../../../lib/contracts/job-spec.ts';
import { StorePrefix, UploadId } from '../../../lib/contracts/names.ts';
import { S3Address, S3Uri } from '../../../lib/contracts/object-address.ts';
import { OwnModel } from '../../../lib/contracts/own-model.ts';
import { DatasetRef, ModelRef, TrainedModelRef } from '../../../lib/contracts/reference.ts';
import { SearchSpec } from '../../../lib/contracts/search-spec.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { WebhookSpec } from '../../../lib/contracts/webhook.ts';

/** A request as its route sees it. */
export interface RoutedRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Undefined where the body is not JSON. */
  readonly json: unknown;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One way to call a route. */
export interface Way {
  /** `path.ref = imagenet.NAME`, `query.limit`, `body.images[].base64`. */
  readonly name: string;
  isIn(request: RoutedRequest): boolean;
}

export function nameOf({ contract: { method, path } }: Route): string {
  return `${method} ${path}`;
}

/** Strings whose forms lead to different objects, and so to different permissions. */
const FORMS = new Map<z.ZodType, Readonly<Record<string, RegExp>>>([
  [
    ModelRef,
    {
      NAME: /^(?!imagenet\.)[^@:]+$/,
      'NAME@VERSION': /^(?!imagenet\.)[^@:]+@\d+$/,
      'NAME:ALIAS': /^(?!imagenet\.)[^@:]+:/,
      'imagenet.NAME': /^imagenet\./,
    },
  ],
  [TrainedModelRef, { NAME: /^[^@:]+$/, 'NAME@VERSION': /@\d+$/, 'NAME:ALIAS': /:/ }],
  [DatasetRef, { NAME: /^[^@:]+$/, 'NAME:latest': /:latest$/, 'NAME@DIGEST': /@sha256-/ }],
  [UploadId, { 'upload-ID': /^upload-/ }],
  [StorePrefix, { 'inputs/': /^inputs\//, 'blobs/': /^blobs\// }],
  // The deployment's own bucket is `graft-data-...` here; any other is one that it may read.
  [S3Address, { 's3://BUCKET/': /^s3:\/\/(?!graft-data-)/ }],
  [S3Uri, { 's3://OWN/inputs/': /^s3:\/\/graft-data-[^/]+\/inputs\//, 's3://OWN/blobs/': /^s3:\/\/graft-data-[^/]+\/blobs\// }],
  [bare(BackboneSpec.shape.weights), { bundled: /^bundled$/, imported: /^imported$/, none: /^none$/, SHA256: /^[0-9a-f]{64}$/ }],
]);

/** Members that say how a model is trained or judged: what they consist of changes nothing about what is read and written. */
const WHOLE = new Set<z.ZodType>(
  [ComputeSpec, FineTuningSpec, FreezeSpec, GateRule, HeadSpec, OwnModel, SearchSpec, SplitShares, TrainingSpec, WebhookSpec].map(
    bare,
  ),
);

/** What docs/api.md promises and no contract says. */
const PROSE: Readonly<Record<string, readonly Way[]>> = {
  'POST /v1/models/{ref}/batch-predictions': [
    {
      name: 'body.prefix = s3://OWN/inputs/',
      isIn: ({ json }) => /^s3:\/\/graft-data-[^/]+\/inputs\//.test(`${asRecord(json).prefix}`),
    },
  ],
};

/** Responses with signed links. */
const LINKED: ReadonlySet<z.ZodType> = new Set([FileList, DatasetImageList, EvaluatedImageList]);

/** Every way of a route: of one that takes nothing, the plain call. */
export function waysOf(route: Route): Way[] {
  const { method, params, query, body, takesBytes, response, idempotency, ifMatch } = route.contract;
  const ways: Way[] = [];
  if (params !== undefined) ways.push(...waysInto(params, 'path', ({ path }) => [path]));
  if (query !== undefined) ways.push(...waysInto(query, 'query', (request) => [request.query]));
  if (body !== undefined) ways.push(...waysInto(body, 'body', (request) => [request.json]));
  if (takesBytes) ways.push({ name: 'body of bytes', isIn: ({ json: read }) => read === undefined });
  if (method === 'POST' && idempotency !== 'none') ways.push(header('idempotency-key'));
  // Signed links differ each time, and so does the ETag of what holds them.
  if (method === 'GET' && response !== undefined && !LINKED.has(response)) ways.push(header('if-none-match'));
  if (ifMatch) ways.push(header('if-match'));
  ways.push(...(PROSE[nameOf(route)] ?? []));
  if (ways.length === 0) ways.push({ name: 'call', isIn: () => true });
  return [...new Map(ways.map((way) => [way.name, way])).values()];
}

function header(name: string): Way {
  return { name: `header ${name}`, isIn: ({ headers }) => name in headers };
}

function* waysInto(schema: z.ZodType, place: string, select: (request: RoutedRequest) => unknown[]): Generator<Way> {
  const inner = bare(schema);
  const forms = FORMS.get(inner);
  if (forms !== undefined) {
    for (const [form, pattern] of Object.entries(forms)) {
      const isIn = (request: RoutedRequest) => select(request).some((value) => typeof value === 'string' && pattern.test(value));
      yield { name: `${place} = ${form}`, isIn };
    }
  } else if (inner instanceof z.ZodUnion && !WHOLE.has(inner)) {
    for (const option of inner.options) yield* waysInto(option as z.ZodType, place, select);
  } else if (inner instanceof z.ZodArray) {
    const items = (request: RoutedRequest) => select(request).flatMap((value) => (Array.isArray(value) ? value : []));
    yield* waysInto(inner.element as z.ZodType, `${place}[]`, items);
  } else if (inner instanceof z.ZodObject && !WHOLE.has(inner)) {
    for (const [key, member] of Object.entries(inner.shape)) {
      const members = (request: RoutedRequest) =>
        select(request).flatMap((value) => (key in asRecord(value) ? [asRecord(value)[key]] : []));
      yield* waysInto(member as z.ZodType, `${place}.${key}`, members);
    }
  } else yield { name: place, isIn: (request) => select(request).length > 0 };
}

/** Without what makes a member optional. */
function bare(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return bare(schema.unwrap() as z.ZodType);
  return schema;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
