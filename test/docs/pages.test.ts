import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Abstention } from '../../lib/contracts/abstention.ts';
import * as dataset from '../../lib/contracts/dataset.ts';
import * as datasetHttp from '../../lib/contracts/dataset-http.ts';
import { Drift } from '../../lib/contracts/drift.ts';
import { EvaluatedImageList } from '../../lib/contracts/evaluated-images.ts';
import * as fileLink from '../../lib/contracts/file-link.ts';
import { AliasGate, Gate } from '../../lib/contracts/gate.ts';
import { HeadSpec } from '../../lib/contracts/head-spec.ts';
import * as http from '../../lib/contracts/http.ts';
import { JobRecord } from '../../lib/contracts/job.ts';
import { JobEvents } from '../../lib/contracts/job-event.ts';
import { Keeping, ModelKeeping } from '../../lib/contracts/keeping.ts';
import { KeptPredictionList } from '../../lib/contracts/kept-predictions.ts';
import { Metrics } from '../../lib/contracts/metrics.ts';
import { ExportBody } from '../../lib/contracts/model-export.ts';
import { AliasRecord } from '../../lib/contracts/model-http.ts';
import { ModelRecord } from '../../lib/contracts/model-record.ts';
import { NoveltyRecord } from '../../lib/contracts/novelty.ts';
import { ImagePrediction } from '../../lib/contracts/prediction.ts';
import { ModelRetention } from '../../lib/contracts/retention.ts';
import { WebhookBody } from '../../lib/contracts/webhook.ts';
import { codesIn, pagePaths, readPage, root } from '../support/docs/pages.ts';

/** What a ```json block may say that it is; a spec may leave out what the command fills in, and has its own test. */
const contracts: Readonly<Record<string, z.ZodType>> = {
  ...Object.fromEntries(
    Object.entries({
      ...dataset,
      ...http,
      ...datasetHttp,
      ...fileLink,
      HeadSpec,
      JobRecord,
      ModelRecord,
      WebhookBody,
      JobEvents,
      AliasRecord,
      Abstention,
      AliasGate,
      Drift,
      EvaluatedImageList,
      ExportBody,
      Gate,
      Keeping,
      KeptPredictionList,
      ModelKeeping,
      ModelRetention,
      ImagePrediction,
      NoveltyRecord,
    }),
  ),
  JobSpec: z.looseObject({}),
  // test/docs/examples holds the rest of it to what the command prints.
  TrainSummary: z.looseObject({ metrics: z.strictObject({ validation: Metrics, test: Metrics }) }),
  // As the clients of the Model Context Protocol read it.
  McpServers: z.strictObject({
    mcpServers: z.record(
      z.string(),
      z.strictObject({ command: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()) }),
    ),
  }),
  ErrorJson: z.strictObject({ error: z.strictObject({ ...errorMembers() }) }),
};

/** Words of no standard meaning that drafts of the pages had. */
const UNIDIOMATIC =
  /\b(?:foretell\w*|foretold|mend(?:s|ed|ing)?|deal(?:s|t|ing)?|torn|anew|liked|g[ai]ves? up|given up|by itself)\b/gi;

/** The path of a TypeScript file from the root of the repository, without placeholders. */
const SOURCE_FILE = /^(?:assets|cli|docs|functions|infra|lib|test)\/[a-z0-9/.-]+\.ts$/;

describe.each(pagePaths().map((path) => [path]))('%s', (path) => {
  const page = readPage(path);

  test('every JSON block says what it is, and is that', () => {
    for (const { note, text, line } of page.sections.flatMap(({ blocks }) =>
      blocks.filter(({ language }) => language === 'json'),
    )) {
      const contract = contracts[note.split(' ')[0] ?? ''];
      expect(contract, `${path}:${line} names no contract: \`\`\`json ${note}`).toBeDefined();
      const { error } = contract!.safeParse(JSON.parse(text));
      expect(error && z.prettifyError(error), `${path}:${line}`).toBeUndefined();
    }
  });

  test('has lines of at most 120 characters, except in tables', () => {
    const lines = readFileSync(join(root, path), 'utf8').split('\n');
    const long = lines.flatMap((line, index) => (line.length > 120 && !line.startsWith('|') ? [`${path}:${index + 1}`] : []));
    expect(long).toEqual([]);
  });

  test('uses the terms of the glossary', () => {
    const found = [...readFileSync(join(root, path), 'utf8').matchAll(UNIDIOMATIC)].map(([words]) => words);
    expect(found).toEqual([]);
  });

  test('names source files that exist', () => {
    const named = page.sections.flatMap(({ text }) => codesIn(text)).filter((code) => SOURCE_FILE.test(code));
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('every link leads to a file and a heading', () => {
    const links = page.sections.flatMap(({ text }) => [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!));
    const broken = links.filter((link) => !link.includes('://') && !leadsSomewhere(link, path));
    expect(broken).toEqual([]);
  });
});

function leadsSomewhere(link: string, from: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : join(dirname(from), file);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || readPage(target).sections.some(({ heading }) => anchorOf(heading) === anchor);
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

function errorMembers() {
  return {
    code: z.string(),
    message: z.string(),
    at: z.string().optional(),
    expected: z.string().optional(),
    received: z.unknown().optional(),
    fix: z.string().optional(),
  };
}
