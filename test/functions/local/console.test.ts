import { describe, expect, onTestFinished, test } from 'vitest';
import { localApi } from '../../../functions/api/dispatch-request.ts';
import { routes } from '../../../functions/api/routes.ts';
import { buildConsole } from '../../../functions/local/build-console.ts';
import { consoleFile, getConsole, getConsoleFile } from '../../../functions/local/get-console.ts';
import { serve } from '../../../functions/local/serve.ts';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../../lib/inference/predictor.ts';
import { constantSession } from '../../support/api.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

/** The API with the console on a free port of loopback. */
async function served(token?: string): Promise<string> {
  const world = testWorld();
  const predictor = openPredictor(world.store, constantSession, openExplainerLazily);
  const api = localApi([...routes, getConsole, getConsoleFile], { world, compute: recordingCompute(), predictor });
  const server = await serve(api, { host: '127.0.0.1', port: 0, token });
  onTestFinished(async () => {
    await server.close();
    await predictor.close();
  });
  return server.address;
}

describe('the files of the console', () => {
  test('are a page and what it names, with a policy that allows this origin only', async () => {
    const address = await served();
    const response = await fetch(`${address}/`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
    const page = await response.text();
    const named = [...page.matchAll(/(?:src|href)="(console\/[^"]+)"/g)].map(([, path]) => path);
    expect(named).toEqual(['console/theme.js', 'console/main.css', 'console/main.js']);
    for (const path of named) {
      const file = await fetch(`${address}/${path}`);
      expect(file.status).toBe(200);
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await file.text()).length).toBeGreaterThan(100);
    }
  });

  test('name the licences of the packages in them', async () => {
    const licences = await (await fetch(`${await served()}/console/licences.txt`)).text();
    for (const name of ['preact', '@preact/signals', '@zip.js/zip.js', 'onnxruntime-web', 'zod'])
      expect(licences).toMatch(new RegExp(`^${name}$`, 'm'));
    expect(licences).toContain('Jason Miller');
  });

  test('have the messages of validation in English only', async () => {
    const scripts = [...(await buildConsole())].filter(([name]) => name.endsWith('.js'));
    const code = scripts.map(([, bytes]) => new TextDecoder().decode(bytes)).join('\n');
    expect(code.includes('Invalid input')).toBe(true);
    expect(code.includes('Ungültige Eingabe')).toBe(false);
  });

  test('include ONNX Runtime, which all responses share', async () => {
    const response = await fetch(`${await served()}/console/onnxruntime.wasm`);
    expect(response.headers.get('content-type')).toBe('application/wasm');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect([...new Uint8Array(await response.arrayBuffer()).subarray(0, 4)]).toEqual([0, 0x61, 0x73, 0x6d]);
    const [one, other] = await Promise.all([consoleFile('onnxruntime.wasm'), consoleFile('onnxruntime.wasm')]);
    expect(one.body).toBe(other.body);
  });

  test('need no token, unlike the data', async () => {
    const address = await served('a-token-of-this-test');
    expect((await fetch(`${address}/`)).status).toBe(200);
    expect((await fetch(`${address}/console/main.js`)).status).toBe(200);
    expect((await fetch(`${address}/v1/datasets`)).status).toBe(401);
  });

  test.each(['nothing.js', 'index.html.gz', '..%2F..%2Fpackage.json', '%2e%2e%2fmain.tsx'])('are no others: %s', async (name) => {
    const response = await fetch(`${await served()}/console/${name}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'CONSOLE_FILE_NOT_FOUND' });
  });

  test('are not for pages of other origins', async () => {
    const address = await served();
    const response = await fetch(`${address}/`, { headers: { origin: 'https://evil.example' } });
    expect(response.status).toBe(403);
    const posted = await fetch(`${address}/v1/datasets`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'text/plain' },
      body: '{"name": "evil"}',
    });
    expect(posted.status).toBe(403);
  });
});
