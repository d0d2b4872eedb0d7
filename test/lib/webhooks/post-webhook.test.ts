import { expect, test } from 'vitest';
import { postWebhook } from '../../../lib/webhooks/post-webhook.ts';
import { webhookReceiver } from '../../support/webhook-receiver.ts';

const loopback = { loopbackWebhooks: true };
const message = { headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' }, body: '{"type":"job.succeeded"}' };
const toThisMachine = async () => [{ address: '127.0.0.1', family: 4 }];
/** Receivers listen on the second address only. */
const toBothFamilies = async () => [{ address: '::1', family: 6 }, ...(await toThisMachine())];

test('sends headers and body, and is content with any status of success', async () => {
  const receiver = await webhookReceiver((response) => response.writeHead(202).end('thanks'));
  await postWebhook({ url: `${receiver.url}/hooks?from=graft`, ...message }, loopback);
  expect(receiver.received).toEqual([
    { path: '/hooks?from=graft', headers: expect.objectContaining(message.headers), body: message.body },
  ]);
});

test('connects to the address that was checked, under the name that was given', async () => {
  const receiver = await webhookReceiver();
  const url = `http://hooks.example:${receiver.port}/`;
  await postWebhook({ url, ...message }, { ...loopback, resolve: toThisMachine });
  expect(receiver.received[0]?.headers.host).toBe(`hooks.example:${receiver.port}`);
});

test.each([
  ['10.0.0.1', 4],
  ['169.254.169.254', 4],
  ['::ffff:169.254.169.254', 6],
  ['fd00:ec2::254', 6],
])('a name that leads to %s is not called', async (address, family) => {
  const resolve = async () => [{ address, family }];
  const request = { url: 'https://hooks.example/', ...message };
  await expect(postWebhook(request, { resolve })).rejects.toMatchObject({ code: 'WEBHOOK_ADDRESS' });
  await expect(postWebhook(request, { resolve })).rejects.not.toThrow(address);
});

test('a name of which one address of several is internal is not called', async () => {
  const resolve = async () => [
    { address: '93.184.216.34', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ];
  await expect(postWebhook({ url: 'https://hooks.example/', ...message }, { resolve })).rejects.toMatchObject({
    code: 'WEBHOOK_ADDRESS',
  });
});

test('this machine is not called without the setting', async () => {
  const receiver = await webhookReceiver();
  const request = { url: `https://hooks.example:${receiver.port}/`, ...message };
  await expect(postWebhook(request, { resolve: toThisMachine })).rejects.toMatchObject({ code: 'WEBHOOK_ADDRESS' });
  expect(receiver.received).toEqual([]);
});

test('a redirect is not followed', async () => {
  const elsewhere = await webhookReceiver();
  const receiver = await webhookReceiver((response) => response.writeHead(307, { location: elsewhere.url }).end());
  await expect(postWebhook({ url: receiver.url, ...message }, loopback)).rejects.toMatchObject({
    code: 'WEBHOOK_REFUSED',
    received: 307,
    retryable: true,
  });
  expect(elsewhere.received).toEqual([]);
});

test('an answer without an end is not waited for', async () => {
  const receiver = await webhookReceiver((response) => response.writeHead(200).write('and then'));
  await postWebhook({ url: receiver.url, ...message }, loopback);
  expect(receiver.received).toHaveLength(1);
});

test('a server that switches protocols has not taken the message', async () => {
  const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n';
  const receiver = await webhookReceiver((response) => response.socket?.write(switching));
  await expect(postWebhook({ url: receiver.url, ...message }, loopback)).rejects.toMatchObject({
    code: 'WEBHOOK_REFUSED',
    received: 101,
  });
});

test.each<[string, Parameters<typeof webhookReceiver>[0]]>([
  ['a server that does not answer', () => {}],
  ['a connection that breaks', (response) => response.destroy()],
])('%s is a failure that may pass', async (_, answer) => {
  const receiver = await webhookReceiver(answer);
  await expect(postWebhook({ url: receiver.url, ...message }, { ...loopback, timeoutMs: 200 })).rejects.toMatchObject({
    code: 'WEBHOOK_FAILED',
    retryable: true,
  });
});

test('a name that does not resolve is a failure that may pass', async () => {
  const resolve = () => Promise.reject(new Error('ENOTFOUND'));
  await expect(postWebhook({ url: 'https://hooks.example/', ...message }, { resolve })).rejects.toMatchObject({
    code: 'WEBHOOK_FAILED',
    retryable: true,
  });
});

test('an address that accepts no connection leaves the request to the next one', async () => {
  const receiver = await webhookReceiver();
  const url = `http://hooks.example:${receiver.port}/`;
  await postWebhook({ url, ...message }, { ...loopback, resolve: toBothFamilies });
  expect(receiver.received).toHaveLength(1);
});

test('the reason of each address is told if none accepts a connection', async () => {
  const request = { url: 'http://hooks.example:1/', ...message };
  await expect(postWebhook(request, { ...loopback, resolve: toBothFamilies })).rejects.toMatchObject({
    code: 'WEBHOOK_FAILED',
    received: expect.stringMatching(/::1.*; .*127\.0\.0\.1/),
  });
});

test('a resolver that does not answer is a failure that may pass', async () => {
  const resolve = () => new Promise<never>(() => {});
  const request = { url: 'https://hooks.example/', ...message };
  await expect(postWebhook(request, { resolve, timeoutMs: 20 })).rejects.toMatchObject({
    code: 'WEBHOOK_FAILED',
    retryable: true,
  });
});
