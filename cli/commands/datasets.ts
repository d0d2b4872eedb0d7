import { renderReport } from '../../lib/datasets/report/render-report.ts';
import { diffVersions, type VersionDiff } from '../../lib/datasets/versions/diff-versions.ts';
import { count, counted } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { EXIT, type Output, table } from '../output.ts';
import { readPages } from '../read-pages.ts';
import { diffRemote, renderRemote } from '../remote-versions.ts';
import { imagesOf } from '../store-of.ts';
import { describeReport } from './upload.ts';

/** graft datasets: all of them, or as many as --limit says. */
export async function datasets({ limit }: { limit?: number }, { client }: Context, output: Output): Promise<number> {
  const { entries, next } = await readPages(async (page) => {
    const { datasets, next } = await client.datasets.list(page);
    return { entries: datasets, next };
  }, limit);
  const rows = entries.map(({ name, versions, versionCount = versions.length }) => [
    name,
    counted(versions.at(-1)?.images ?? 0, 'image'),
    counted(versionCount, 'version'),
  ]);
  const text =
    rows.length === 0
      ? 'There are no data sets yet. Upload one:\n  graft upload PATH'
      : [
          table([['DATA SET', 'LATEST', ''], ...rows]),
          ...(next === undefined ? [] : ['There are more data sets. List all of them:\n  graft datasets']),
        ].join('\n');
  output.result({ datasets: entries, next }, text);
  return EXIT.done;
}

/**
 * graft dataset REF: the report of a data set; with --html also as a page with thumbnails. An API on another machine has
 * no thumbnails of images that stay in S3.
 */
export async function dataset(ref: string, { html }: { html?: string }, context: Context, output: Output): Promise<number> {
  const report = await context.client.datasets.report(ref);
  if (html !== undefined) {
    const page =
      context.store === undefined ? renderRemote(report, context.client) : renderReport(ref, await imagesOf(ref, context));
    await writeWholeFile(html, [await page]);
  }
  output.result(report, `${describeReport(report)}${html === undefined ? '' : `\nThe report with thumbnails: ${html}`}`);
  return EXIT.done;
}

/** graft dataset-diff A B: the differences between two versions. */
export async function datasetDiff(a: string, b: string, context: Context, output: Output): Promise<number> {
  const { client, store } = context;
  const diff = store === undefined ? await diffRemote(a, b, client) : await diffVersions(a, b, store);
  output.result(diff, describeDiff(diff));
  return EXIT.done;
}

const SHOWN = 20;

function describeDiff({ added, removed, changed, unchanged, classes }: VersionDiff): string {
  const named = [
    ...added.slice(0, SHOWN).map((path) => `+ ${path}`),
    ...removed.slice(0, SHOWN).map((path) => `- ${path}`),
    ...changed.slice(0, SHOWN).map(({ path, what }) => `~ ${path} (${what.join(', ')})`),
  ];
  const more = added.length + removed.length + changed.length - named.length;
  return [
    `${count(added.length)} added, ${count(removed.length)} removed, ${count(changed.length)} changed, ${count(unchanged)} the same`,
    ...(classes.length > 0
      ? [table(classes.map(({ label, a, b }) => [`  ${label}`, `${count(a)} -> ${counted(b, 'image')}`]))]
      : []),
    ...named,
    ...(more > 0 ? [`and ${count(more)} more; all are in --json`] : []),
  ].join('\n');
}
