import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openPredictionSystem } from '../../../functions/local/prediction-system.ts';
import { temporaryFolder } from '../../support/folder.ts';

const module = pathToFileURL('functions/local/prediction-system.ts').href;
/** Prints the modules that an import loads. */
const program = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
  await import(${JSON.stringify(module)});
  console.log(JSON.stringify(loaded));
`;

test('loads neither the other routes nor what imports and trains, so that one prediction starts fast', () => {
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program];
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  expect(loaded).toContain(module);
  const others =
    /functions\/api\/routes|functions\/local\/local-system|lib\/(datasets|estimates|backbones|freezing|training|tensor|reports)\//;
  expect(loaded.filter((url) => others.test(url))).toEqual([]);
});

test('predicts, and has no other route', async () => {
  const system = openPredictionSystem({ GRAFT_DATA_DIR: temporaryFolder() }, () => {});
  onTestFinished(() => system.close());
  const codeOf = async (method: 'GET' | 'POST', url: string) => {
    const { body } = await system.api({ method, url, headers: { 'content-type': 'image/jpeg' }, body: Buffer.from('image') });
    return JSON.parse(Buffer.from(body).toString()).code;
  };
  expect(await codeOf('POST', '/v1/models/flowers/predict')).toBe('MODEL_NOT_FOUND');
  expect(await codeOf('GET', '/v1/models')).toBe('ROUTE_NOT_FOUND');
});
