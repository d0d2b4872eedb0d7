import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { graft, graftJson } from '../support/graft.ts';

test('graft --version prints the version, also as JSON', async () => {
  expect(await graft(['--version'], {})).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  expect(await graftJson(['--version'], {})).toEqual({ version: packageJson.version });
});
