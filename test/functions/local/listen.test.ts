import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listen, listenAddress } from '../../../functions/local/listen.ts';

test('a port in use is an error with a flag that graft dev and graft console have', async () => {
  const [first, second] = [createServer(), createServer()];
  onTestFinished(() => void first.close());
  const port = await listen(first, '127.0.0.1', 0);
  await expect(listen(second, '127.0.0.1', port)).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    at: `127.0.0.1:${port}`,
    fix: `stop that program, or use another port: --port ${port + 1}`,
  });
});

test.each([
  ['EACCES', '--port with a number above 1023'],
  ['EADDRNOTAVAIL', '--host 127.0.0.1'],
])('with %s, the advice is %s', async (code, advice) => {
  const server = createServer();
  server.listen = () => {
    server.emit('error', Object.assign(new Error(code), { code }));
    return server;
  };
  const fix = expect.stringContaining(advice);
  await expect(listen(server, '127.0.0.1', 80)).rejects.toMatchObject({ code: 'CANNOT_LISTEN', received: code, fix });
});

test('a name without an address is an error with an address that every machine has', async () => {
  await expect(listenAddress('')).rejects.toMatchObject({ code: 'CANNOT_LISTEN', fix: 'use --host 127.0.0.1' });
});
