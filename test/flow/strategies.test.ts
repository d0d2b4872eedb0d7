import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';

const directory = scratchFolder({ until: 'file' });
const small = ['--dataset', 'trash', '--input-size', '32', '--wait'];
const quick = [...small, '--batch-size', '16', '--epochs', '2'];

describe('every way to freeze ends in a served model', () => {
  beforeAll(async () => {
    await graftJson(['upload', trashPhotographs, '--name', 'trash'], { GRAFT_DATA_DIR: directory });
  });

  test.each([
    [['--strategy', 'feature-extraction'], 'feature-extraction', 'top_activation'],
    [['--strategy', 'feature-extraction', '--augment', 'light'], 'feature-extraction', 'top_activation'],
    [['--strategy', 'fine-tune-all', '--augment', 'strong'], 'fine-tune-all', 'images'],
    [['--strategy', 'stage-features'], 'stage-features', 'stages'],
    [['--strategy', 'earlier-features'], 'earlier-features', 'block5c_add'],
    [['--strategy', 'fine-tune-top'], 'fine-tune-top', 'block5c_add'],
    [['--freeze', 'block6'], 'fine-tune-top', 'block6d_add'],
    [['--freeze', '3'], 'fine-tune-top', 'block2b_add'],
    [['--freeze', 'none', '--head', 'tutorial', '--learning-rate', '0.0001'], 'fine-tune-all', 'images'],
  ])('%j', async (flags, name, cut) => {
    const environment = { GRAFT_DATA_DIR: directory };
    const trained = await graftJson(['train', ...quick, ...flags], environment);
    expect(trained, JSON.stringify(trained.error)).toMatchObject({ state: 'SUCCEEDED', strategy: { name, cut } });
    const [photograph = ''] = await readdir(join(trashPhotographs, 'metal'));
    const answer = await graftJson(
      ['predict', `trash@${trained.version}`, join(trashPhotographs, 'metal', photograph)],
      environment,
    );
    expect(answer.predictions[0].labels[0].probability).toBeGreaterThan(1 / 6 - 0.01);
  });

  test('--fast stays frozen, and its features are those of all stages', async () => {
    const trained = await graftJson(['train', ...small, '--fast'], { GRAFT_DATA_DIR: directory });
    expect(trained, JSON.stringify(trained.error)).toMatchObject({
      state: 'SUCCEEDED',
      strategy: {
        name: 'stage-features',
        evidence: { stageShare: expect.any(Number), heldOutLoss: expect.any(Number) },
      },
    });
  });

  test.each([
    [['--fast', '--strategy', 'fine-tune-top'], 'USAGE', '--strategy fine-tune-top'],
    [['--fast', '--augment', 'light'], 'CLOSED_FORM_UNSUPPORTED', 'training.augment'],
    [['--strategy', 'stage-features', '--augment', 'light'], 'CLOSED_FORM_UNSUPPORTED', 'training.augment'],
    [['--effort', 'best', '--strategy', 'fine-tune-top'], 'EFFORT_BEST_ALONE', 'strategy fine-tune-top'],
    [['--fast', '--effort', 'auto'], 'USAGE', '--effort auto'],
  ])('%j is refused with what is in the way', async (flags, code, named) => {
    const refused = await graftJson(['train', ...small, ...flags], { GRAFT_DATA_DIR: directory });
    expect(refused).toMatchObject({ error: { code } });
    expect(refused.error.message).toContain(named);
  });

  test('a cut that does not exist is refused with those that do', async () => {
    const refused = await graftJson(['train', ...quick, '--freeze', 'block99'], { GRAFT_DATA_DIR: directory });
    expect(refused).toMatchObject({ error: { code: 'CUT_UNKNOWN' } });
    expect(refused.error.message).toContain('block6 (block6d_add)');
  });

  test.each([
    [{ strategy: 'fine-tune-all', freeze: 'all' }, 'STRATEGY_AND_FREEZE'],
    [{ effort: 'fast', strategy: 'fine-tune-top' }, 'EFFORT_FAST_ALONE'],
    [{ effort: 'fast', freeze: 'all' }, 'EFFORT_FAST_ALONE'],
    [{ effort: 'fast', head: 'mlp' }, 'CLOSED_FORM_UNSUPPORTED'],
  ])('members of a spec that exclude each other are refused: %j', async (members, code) => {
    const spec = join(directory, 'spec.json');
    await writeFile(spec, JSON.stringify(members));
    const refused = await graftJson(['train', ...small, '--spec', spec], { GRAFT_DATA_DIR: directory });
    expect(refused).toMatchObject({ error: { code } });
  });
});
