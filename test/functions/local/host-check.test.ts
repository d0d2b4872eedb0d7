import { describe, expect, onTestFinished, test } from 'vitest';
import { type AddressedRequest, hostCheck, hostName } from '../../../functions/local/host-check.ts';
import { requiresToken, serve } from '../../../functions/local/serve.ts';
import { type HttpAddress, rawRequest } from '../../bench/attack/raw-request.ts';
import { apiSystem } from '../../support/api.ts';

/** The API on a free port of loopback. */
async function served(allowedHosts: readonly string[] = [], token?: string): Promise<HttpAddress> {
  const server = await serve(apiSystem().api, { host: '127.0.0.1', port: 0, allowedHosts, token });
  onTestFinished(() => server.close());
  return { host: '127.0.0.1', port: Number(new URL(server.address).port) };
}

/** Sends these lines as the head of a request. */
const send = (address: HttpAddress, ...lines: readonly string[]) => rawRequest(address, [`${lines.join('\r\n')}\r\n\r\n`]);

describe('a request under a name of this machine is answered', () => {
  test.each([
    'localhost',
    'localhost:4400',
    'localhost:',
    'LocalHost',
    'localhost.',
    'localhost.:80',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.255.0.3',
    '[::1]',
    '[::1]:4400',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
  ])('%s', async (host) => {
    const address = await served();
    expect((await send(address, 'GET /v1/jobs HTTP/1.1', `Host: ${host}`)).status).toBe(200);
    expect((await send(address, `GET http://${host}/v1/jobs HTTP/1.1`, 'Host: localhost')).status).toBe(200);
  });

  test('over HTTP/1.0, too', async () => {
    expect((await send(await served(), 'GET /v1/jobs HTTP/1.0', 'Host: localhost')).status).toBe(200);
  });

  test('as plain HTTP where it asks for a WebSocket', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAA'];
    expect((await send(await served(), 'GET /v1/jobs HTTP/1.1', 'Host: localhost', ...upgrade)).status).toBe(200);
    const elsewhere = await send(await served(), 'GET /v1/jobs HTTP/1.1', 'Host: evil.example', ...upgrade);
    expect(elsewhere.status).toBe(421);
  });
});

describe('a request under any other name is refused with 421', () => {
  test.each([
    'evil.example',
    'evil.example:4400',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'evil.localhost',
    '0.0.0.0',
    '10.0.0.1',
    '128.0.0.1',
    '[::]',
    '[::2]',
    '[::ffff:8.8.8.8]',
    // What a URL's parser, but no address of ours, would take for 127.0.0.1.
    '2130706433',
    '0x7f.1',
    '127.1',
    'x',
  ])('%s', async (host) => {
    const address = await served();
    const answer = await send(address, 'GET /v1/health HTTP/1.1', `Host: ${host}`);
    expect({ ...JSON.parse(answer.body), status: answer.status }).toMatchObject({ status: 421, code: 'HOST_NOT_ALLOWED' });
    // An absolute target goes before Host, and does not excuse it.
    expect((await send(address, `GET http://${host}/v1/jobs HTTP/1.1`, 'Host: localhost')).status).toBe(421);
    expect((await send(address, 'GET http://localhost/v1/jobs HTTP/1.1', `Host: ${host}`)).status).toBe(421);
  });

  test('whatever route, method or origin', async () => {
    const address = await served();
    for (const line of ['POST /v1/datasets', 'PUT /v1/uploads/x', 'OPTIONS /v1/jobs', 'GET /nowhere', 'DELETE /v1/models/two'])
      expect((await send(address, `${line} HTTP/1.1`, 'Host: evil.example', 'Origin: http://evil.example')).status, line).toBe(
        421,
      );
  });
});

describe('a malformed name is refused with 400', () => {
  test.each([
    ['none', []],
    ['an empty one', ['Host: ']],
    ['two', ['Host: localhost', 'Host: evil.example']],
    ['the same twice', ['Host: localhost', 'Host: localhost']],
    ['a user before it', ['Host: evil.example@localhost']],
    ['a path behind it', ['Host: localhost/evil']],
    ['IPv6 without brackets', ['Host: ::1']],
    ['half a bracket', ['Host: [::1']],
    ['a zone', ['Host: [::1%lo]']],
    ['letters for a port', ['Host: localhost:http']],
    ['a dot alone', ['Host: .']],
    ['a space inside', ['Host: local host']],
  ])('%s', async (_, headers) => {
    const address = await served();
    for (const version of ['1.1', '1.0'])
      expect((await send(address, `GET /v1/jobs HTTP/${version}`, ...headers)).status).toBe(400);
  });

  test.each(['ftp://localhost/v1/jobs', 'javascript:/v1/jobs', 'http:/v1/jobs', 'http:///v1/jobs', '*'])(
    'so is the target %s',
    async (target) => {
      expect((await send(await served(), `GET ${target} HTTP/1.1`, 'Host: localhost')).status).toBe(400);
    },
  );
});

describe('a page', () => {
  const post = (address: HttpAddress, origin: string, host = `localhost:${address.port}`) =>
    send(address, 'POST /v1/datasets HTTP/1.1', `Host: ${host}`, `Origin: ${origin}`, 'Content-Length: 0');
  const read = (address: HttpAddress, origin: string) =>
    send(address, 'GET /v1/jobs HTTP/1.1', `Host: localhost:${address.port}`, `Origin: ${origin}`);

  test('of the server itself may ask', async () => {
    const address = await served();
    // A data set without a name: the page was let in.
    expect((await post(address, `http://localhost:${address.port}`)).status).toBe(400);
    expect((await read(address, `http://localhost:${address.port}`)).status).toBe(200);
  });

  test('of another origin may not, be it on this machine', async () => {
    const address = await served();
    const origins = ['http://evil.example', 'null', 'http://localhost', 'http://localhost:1', `http://127.0.0.1:${address.port}`];
    for (const origin of origins) {
      expect((await post(address, origin)).status, origin).toBe(403);
      expect((await read(address, origin)).status, origin).toBe(403);
    }
  });

  test('whose own name leads here after a while (DNS rebinding) may not, though its origin is its host', async () => {
    const address = await served();
    const host = `evil.example:${address.port}`;
    expect((await post(address, `http://${host}`, host)).status).toBe(421);
  });
});

describe('--allowed-host', () => {
  test('lets in a name, by all spellings of it, and nothing below or beside it', async () => {
    const address = await served(['Lab.Example', '[2001:DB8::1]'], 'secret');
    const status = async (host: string) =>
      (await send(address, 'GET /v1/jobs HTTP/1.1', `Host: ${host}`, 'Authorization: Bearer secret')).status;
    for (const host of ['lab.example', 'LAB.example.:80', '[2001:db8:0::1]:4400', 'localhost'])
      expect(await status(host)).toBe(200);
    for (const host of ['a.lab.example', 'lab.example.evil.example', 'xlab.example']) expect(await status(host)).toBe(421);
  });

  test.each(['', 'http://lab.example', 'lab.example:80', 'lab.example/', '*', '*.example', 'a b', '[::1'])(
    'refuses %j as a name',
    (name) => {
      expect(() => hostName(name)).toThrow(expect.objectContaining({ code: 'ALLOWED_HOST_INVALID' }));
    },
  );

  test('takes letters of any script as browsers send them', () => {
    expect(hostName('bücher.example')).toBe('xn--bcher-kva.example');
  });
});

/** A connection to a server that listens on every address of the machine, which no test does. */
describe('on a wildcard address', () => {
  const to = (host: string, localAddress: string): AddressedRequest => ({ rawHeaders: ['Host', host], socket: { localAddress } });

  test.each([
    ['0.0.0.0', '192.168.1.5', '192.168.1.5:4400'],
    ['0.0.0.0', '127.0.0.1', 'localhost'],
    ['0.0.0.0', '192.168.1.5', '0.0.0.0:4400'],
    ['::', '::ffff:192.168.1.5', '192.168.1.5'],
    ['::', 'fe80::1%eth0', '[fe80::1]:4400'],
    ['0.0.0.0', '192.168.1.5', 'lab.example'],
  ])('%s: a connection to %s may ask for %s', (address, localAddress, host) => {
    expect(() => hostCheck({ address, names: ['lab.example'] })(to(host, localAddress))).not.toThrow();
  });

  test.each([
    ['0.0.0.0', '192.168.1.5', '192.168.1.6'],
    ['0.0.0.0', '192.168.1.5', 'evil.example'],
    ['192.168.1.5', '192.168.1.5', '192.168.1.6'],
  ])('%s: a connection to %s may not ask for %s', (address, localAddress, host) => {
    expect(() => hostCheck({ address, names: [] })(to(host, localAddress))).toThrow(
      expect.objectContaining({ code: 'HOST_NOT_ALLOWED' }),
    );
  });
});

describe('a token is required', () => {
  test.each([
    ['127.0.0.1', [], false],
    ['::1', [], false],
    ['127.0.0.1', ['lab.example'], true],
    ['0.0.0.0', [], true],
    ['::', [], true],
    ['192.168.1.5', [], true],
  ])('on %s with the names %j: %s', (address, names, expected) => {
    expect(requiresToken(address, names)).toBe(expected);
  });

  test.each([
    ['0.0.0.0', []],
    ['::', []],
    ['127.0.0.1', ['lab.example']],
  ])('without one nothing listens on %s for %j', async (host, allowedHosts) => {
    const starting = serve(apiSystem().api, { host, port: 0, allowedHosts });
    await expect(starting).rejects.toMatchObject({ code: 'API_TOKEN_MISSING' });
  });
});
