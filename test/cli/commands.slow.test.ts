import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { readJsonc } from '../../cli/commands/read-spec.ts';
import { specTemplate } from '../../cli/commands/spec-template.ts';
import { regionOf } from '../../cli/remote-client.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { root } from '../support/docs/pages.ts';
import { graft, graftJson, main, scratchFolder, trashPhotographs } from '../support/graft.ts';

const run = promisify(execFile);
const folder = scratchFolder({ until: 'file' });
const environment = { GRAFT_DATA_DIR: join(folder, '.graft') };

describe('a model of two versions', { timeout: 120_000 }, () => {
  const train = (...flags: string[]) =>
    graftJson(['train', '--dataset', trashPhotographs, '--input-size', '64', '--epochs', '2', '--wait', ...flags], environment);
  let report: string;
  beforeAll(async () => {
    ({ report } = await train());
    await train('--seed', '1');
  }, 120_000);

  test('is promoted and rolled back, and each step says what to do next', async () => {
    await graft(['promote', 'trash@1', 'prod'], environment);
    const promoted = await graft(['promote', 'trash@2', 'prod'], environment);
    expect(promoted.stdout).toContain('rollback trash prod');
    expect(await graftJson(['model', 'trash:prod'], environment)).toMatchObject({ version: 2, aliases: ['latest', 'prod'] });
    expect(await graftJson(['rollback', 'trash', 'prod'], environment)).toMatchObject({ alias: 'prod', version: 1 });
  });

  test('has a report, which is made again where it is missing', async () => {
    const file = join(folder, 'report.html');
    const found = await graftJson(['model', 'trash@1', '--report', '--html', file], environment);
    expect(found).toMatchObject({ model: 'trash', version: 1, evaluated: { part: 'test' } });
    expect(readFileSync(file, 'utf8')).toContain('<title>trash@1: report</title>');
    rmSync(file);
    rmSync(join(report, '../report.html'));
    const again = await graft(['model', 'trash@1', '--html', file], environment);
    expect(again.stdout).toContain(`The report: ${file}`);
    expect(readFileSync(file, 'utf8')).toContain('<title>trash@1: report</title>');
    const refused = await graftJson(['model', 'trash@1', '--html', join(folder, 'nowhere/report.html')], environment);
    expect(refused).toMatchObject({ error: { code: 'FILE_UNWRITABLE' } });
  });

  test('is judged on a data set, and asked about all its images', async () => {
    const judged = await graftJson(['evaluate', 'trash@1', '--dataset', 'trash'], environment);
    expect(judged).toMatchObject({ model: 'trash', version: 1 });
    expect(judged.metrics.perClass).toHaveLength(6);
    const out = join(folder, 'answers.jsonl');
    expect(await graftJson(['predict-batch', 'trash', 'trash', '--out', out], environment)).toMatchObject({
      images: 60,
      failed: 0,
    });
    expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(60);
  });

  test('answers for a folder in which one file is no image with a line that says so', async () => {
    const mixed = scratchFolder();
    writeFileSync(join(mixed, 'a.jpg'), '');
    const out = join(folder, 'mixed.jsonl');
    expect(await graftJson(['predict-batch', 'trash', mixed, '--out', out], environment)).toMatchObject({ images: 1, failed: 1 });
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ error: { code: 'IMAGE_EMPTY' } });
  });

  test('shows its damage', async () => {
    expect(await graftJson(['verify', 'trash@1'], environment)).toMatchObject({
      ok: true,
      missing: [],
      references: { images: 12, ok: true },
    });
    const onnx = join(report, '../model.onnx');
    const bytes = readFileSync(onnx);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(onnx, bytes);
    const damaged = await graft(['verify', 'trash@1', '--json'], environment);
    expect(damaged.status).toBe(1);
    expect(JSON.parse(damaged.stdout)).toMatchObject({ ok: false });
  });

  test('is planned without being trained', async () => {
    const planned = await graftJson(['train', '--dataset', 'trash', '--epochs', '3', '--dry-run'], environment);
    expect(planned.spec).toMatchObject({
      backbone: { name: 'efficientnet_lite0', inputSize: [224, 224] },
      training: { epochs: 3 },
    });
    expect(planned.estimate.seconds).toBeGreaterThan(0);
    expect(planned.estimate.range.upper).toBe(planned.estimate.seconds);
    const { stdout } = await graft(['train', '--dataset', 'trash', '--epochs', '3', '--dry-run'], environment);
    expect(stdout).toMatch(/takes +between [\d.]+ (s|min) and [\d.]+ (s|min), probably about [\d.]+ (s|min)/);
    expect(stdout).toMatch(/stage-features, (native|onnx) +between/);
    expect((await graftJson(['models'], environment)).models[0].versions).toHaveLength(2);
  });

  test('is refused where its limit may not hold, and the estimate is named', async () => {
    const refused = await graft(['train', '--dataset', 'trash', '--max-minutes', '0.1', '--json'], environment);
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'ESTIMATE_OVER_MAX_MINUTES',
      expected: 'a job of at most 0.1 minutes',
      received: expect.stringMatching(/^one that may take up to [\d.]+ minutes, without any fine-tuning$/),
    });
  });
});

describe('graft init', () => {
  test('writes the defaults of the contract, in JSON with comments', async () => {
    const file = join(folder, 'job.jsonc');
    await graft(['init', file, '--dataset', 'flowers'], environment);
    const defaults = JobSpec.parse({ name: 'flowers', dataset: 'flowers' });
    expect(JobSpec.parse({ name: 'flowers', ...Object(await readJsonc(file)) })).toEqual(defaults);
  });

  test('overwrites nothing', async () => {
    const file = join(folder, 'mine.jsonc');
    writeFileSync(file, specTemplate('mine'));
    const refused = await graft(['init', file, '--json'], environment);
    expect(refused.status).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'FILE_EXISTS' } });
    expect(readFileSync(file, 'utf8')).toBe(specTemplate('mine'));
  });

  test('an error in a spec names its line and column', async () => {
    const file = join(folder, 'broken.jsonc');
    writeFileSync(file, '{\n  // a comment\n  "name" "x"\n}');
    await expect(readJsonc(file)).rejects.toMatchObject({ code: 'JSON_INVALID', at: `${file}:3:10` });
  });
});

describe('a mistyped word is told what was meant', () => {
  test.each([
    [['trian'], 'train'],
    [['train', '--optimiser', 'adam'], '--optimizer'],
    [['train', '--optimizer', 'adma'], 'adam'],
    [['weights', 'pul'], 'pull'],
  ])('%j', async (args, meant) => {
    const { status, stderr, stdout } = await graft(args, environment);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`Did you mean ${meant}?`);
  });
});

/** How a shell is asked what it would offer at the end of a line, with our script at `script`. */
const shells: Readonly<Record<string, (script: string, line: string) => readonly string[]>> = {
  bash(script, line) {
    const typed = line.split(' ');
    const asked = `COMP_WORDS=(${typed.join(' ')}); COMP_CWORD=${typed.length - 1}; compopt() { :; }; _graft`;
    return ['-c', `source ${script}; ${asked}; printf '%s\\n' "\${COMPREPLY[@]}"`];
  },
  zsh: (script, line) => ['-f', join(root, 'test/support/processes/complete.zsh'), script, line],
  // Behind a tab each line says what the word is for.
  fish: (script, line) => ['-c', `source ${script}; complete -C '${line}'`],
};

describe.each(Object.keys(shells))('graft completion %s', (shell) => {
  const folder = scratchFolder({ until: 'file' });
  const script = join(folder, `graft.${shell}`);
  const isHere = spawnSync(shell, ['-c', 'exit 0']).status === 0;
  beforeAll(async () => {
    writeFileSync(script, (await graft(['completion', shell], environment)).stdout);
  }, 60_000);

  test.skipIf(!isHere).each([
    ['graft pro', ['promote']],
    ['graft weights p', ['pull']],
    ['graft train --backbone vgg', ['vgg16', 'vgg19']],
    ['graft weights pull xcep', ['xception']],
    ['graft train --max-', ['--max-cost', '--max-minutes']],
    ['graft train --strategy fine-tune-', ['fine-tune-all', 'fine-tune-top']],
  ])('completes %j', async (line, words) => {
    const { stdout } = await run(shell, [...(shells[shell]?.(script, line) ?? [])]);
    const offered = stdout.trim().split('\n');
    expect(offered.map((word) => word.split('\t')[0]).sort()).toEqual(words);
  });

  test('has every command', () => {
    const text = readFileSync(script, 'utf8');
    for (const command of ['train', 'predict-batch', 'rollback', 'pull']) expect(text).toContain(command);
  });
});

test('colours are for terminals, and each status is its own', async () => {
  const { stdout, stderr, status } = await graft(['job', 'job-000000000-0000000000'], {
    ...environment,
    FORCE_COLOR: '1',
    CI: 'true',
  });
  expect(`${stdout}${stderr}`).not.toContain('\u001b[');
  expect(status).toBe(1);
});

test.each([
  ['https://abc123.execute-api.eu-central-1.amazonaws.com', 'eu-central-1'],
  ['https://abc123.execute-api.cn-north-1.amazonaws.com.cn/', 'cn-north-1'],
  ['http://127.0.0.1:4400', undefined],
  ['https://graft.example.com', undefined],
])('the region of %s', (address, region) => {
  expect(regionOf(address)).toBe(region);
});

test('who reads no further, as head does, is no error', async () => {
  const child = spawn(process.execPath, [main, 'backbones', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const [status] = await once(child, 'close');
  expect({ status, said }).toEqual({ status: 0, said: '' });
});

test('main.ts is what npm runs', () => {
  expect(readFileSync(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});
