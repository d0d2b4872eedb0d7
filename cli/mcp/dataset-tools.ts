import { z } from 'zod';
import { Digest, Name, Time } from '../../lib/contracts/names.ts';
import { DatasetRef } from '../../lib/contracts/reference.ts';
import { counted } from '../../lib/format.ts';
import { DatasetView, describeDataset, viewDataset } from './dataset-view.ts';
import { page, waitSeconds } from './inputs.ts';
import { defineTool } from './tool.ts';

const listDatasets = defineTool({
  name: 'list_datasets',
  title: 'List data sets',
  description: 'Lists the imported data sets by name, each with its latest version.',
  input: z.strictObject(page),
  output: z.strictObject({
    datasets: z.array(z.strictObject({ name: Name, digest: Digest, images: z.int(), createdAt: Time, versionCount: z.int() })),
    next: z.string().optional(),
  }),
  async run(args, { context: { client } }) {
    const { datasets, next } = await client.datasets.list(args);
    const rows = datasets.flatMap(({ name, versions, versionCount = versions.length }) =>
      versions.slice(-1).map(({ digest, images, createdAt }) => ({ name, digest, images, createdAt, versionCount })),
    );
    const lines = rows.map(
      ({ name, images, versionCount }) => `${name}: ${counted(images, 'image')}, ${counted(versionCount, 'version')}`,
    );
    return { value: { datasets: rows, next }, text: lines.join('\n') || 'There are no data sets yet.' };
  },
});

const getDataset = defineTool({
  name: 'get_dataset',
  title: 'Show a data set',
  description: 'Shows the import report of a data set: classes, refused files, duplicates, warnings, labels that may be wrong.',
  input: z.strictObject({ ref: DatasetRef.describe('NAME or NAME@DIGEST') }),
  output: DatasetView,
  async run({ ref }, { context: { client } }) {
    const value = viewDataset(await client.datasets.get(ref));
    return { value, text: describeDataset(value) };
  },
});

const importImages = defineTool({
  name: 'import_images',
  title: 'Import images',
  description:
    'Imports labelled images of this machine as a new version of a data set: a folder that holds one folder of images for ' +
    'each class, a zip or tar of it, or a manifest (CSV, TSV, JSON Lines). The same images give the same version. While ' +
    'the state is IMPORTING, call again with the same arguments. A result with endedAt has no changes after that time: call ' +
    'again if there are some.',
  input: z.strictObject({
    path: z.string().min(1).max(4096).describe('The absolute path of the folder, archive or manifest.'),
    name: Name.optional().describe('Name of the data set; default: the name of the path.'),
    maxRefused: z.number().min(0).max(1).default(0.05).describe('The largest share of unusable files.'),
    waitSeconds,
  }),
  output: z.strictObject({
    state: z.enum(['IMPORTING', 'READY']),
    progress: z.string().optional(),
    dataset: DatasetView.optional(),
    endedAt: Time.optional().describe('If the import ended before this call: when.'),
  }),
  changes: { destructive: false, idempotent: true },
  async run({ path, name, maxRefused, waitSeconds: seconds }, { imports }, signal) {
    const state = await imports.run(path, { name, maxRefused }, seconds, signal);
    if ('progress' in state) {
      const text = `The import goes on: ${state.progress}. Call again with the same arguments to wait for it.`;
      return { value: { state: 'IMPORTING' as const, progress: state.progress }, text };
    }
    const dataset = viewDataset(state.report);
    const { endedAt } = state;
    const earlier =
      endedAt === undefined ? '' : `\nThe import ended at ${endedAt}. If the images have changed since, call again.`;
    return { value: { state: 'READY' as const, dataset, endedAt }, text: `${describeDataset(dataset)}${earlier}` };
  },
});

/** The tools for data sets. */
export const datasetTools = [listDatasets, getDataset, importImages];
