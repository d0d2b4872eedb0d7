import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatasetReport } from '../../../lib/contracts/dataset.ts';
import { PredictionResult } from '../../../lib/contracts/http.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { fillExampleFolder } from '../../support/datasets/example-folder.ts';
import { type Block, readPage, root } from '../../support/docs/pages.ts';
import { graftJson } from '../../support/graft.ts';

const EPOCHS = 2;

let folder: string;
let environment: Record<string, string>;
let flowers: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-specs-'));
  fillExampleFolder(folder);
  environment = { GRAFT_DATA_DIR: join(folder, '.graft') };
  flowers = join(folder, 'flowers');
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

function train(...flags: readonly string[]) {
  return graftJson(['train', '--dataset', flowers, '--wait', ...flags], environment);
}

describe('every example of a spec trains a model', () => {
  const files = readdirSync(join(root, 'docs', 'examples')).filter((name) => name.endsWith('.json'));
  test.each(files)('docs/examples/%s, as it stands but for a download and the number of epochs', async (name) => {
    const file = join(root, 'docs', 'examples', name);
    const spec = JobSpec.parse({ name: 'example', dataset: 'flowers', ...JSON.parse(readFileSync(file, 'utf8')) });
    const weights = spec.backbone.weights === 'imagenet' ? ['--weights', 'none'] : [];
    const trained = await train('--spec', file, ...weights, '--epochs', `${EPOCHS}`);
    expect(trained, JSON.stringify(trained.error)).toMatchObject({ state: 'SUCCEEDED', backbone: spec.backbone.name });
    const history = JSON.parse(readFileSync(join(dirname(trained.report), 'history.json'), 'utf8'));
    if (spec.training.earlyStopping === null) expect(history).toHaveLength(EPOCHS);
  });

  const blocks = blocksOf('docs/job-spec.md').filter(({ note }) => note === 'JobSpec' || note === 'HeadSpec');
  test.each(blocks.map((block) => [block.line, block] as const))('docs/job-spec.md:%i', async (line, { note, text }) => {
    const file = join(folder, `${line}.json`);
    writeFileSync(file, text);
    const flag = note === 'HeadSpec' ? '--head' : '--spec';
    expect(await train(flag, file, '--input-size', '64', '--epochs', `${EPOCHS}`)).toMatchObject({ state: 'SUCCEEDED' });
  });
});

describe('what docs/command.md says of JSON is what the command prints', () => {
  const documented = (note: string) => JSON.parse(blocksOf('docs/command.md').find((block) => block.note === note)!.text);

  test('upload, train --wait and predict', async () => {
    const report = await graftJson(['upload', flowers], environment);
    expect(DatasetReport.parse(report)).toEqual(report);
    const trained = await train('--input-size', '64', '--epochs', `${EPOCHS}`);
    // Which metrics there are follows from the labels; features that are cached waited for nothing.
    const others = ({ metrics: _, features, ...summary }: Record<string, unknown>) =>
      shapeOf({ ...summary, features: { ...(features as object), waits: undefined } });
    expect(others(trained)).toEqual(others(documented('TrainSummary')));
    const answer = await graftJson(['predict', 'flowers', join(folder, 'photo.jpg')], environment);
    expect(PredictionResult.parse(answer)).toEqual(answer);
    expect(shapeOf(answer)).toEqual(shapeOf(documented('PredictionResult')));
  });

  test('an error', async () => {
    const error = await graftJson(['train', '--dataset', 'nobody', '--wait'], environment);
    const example = blocksOf('docs/errors.md').find(({ note }) => note === 'ErrorJson')!;
    expect(shapeOf(error)).toEqual(shapeOf(JSON.parse(example.text)));
  });
});

function blocksOf(path: string): Block[] {
  return readPage(path).sections.flatMap(({ blocks }) => blocks);
}

/** The names and types of a document's members; of a list, those of its first. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}
