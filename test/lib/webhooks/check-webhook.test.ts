import { describe, expect, test } from 'vitest';
import { addressKind, checkWebhook } from '../../../lib/webhooks/check-webhook.ts';

describe('whom an address reaches', () => {
  test.each([
    ['93.184.216.34', 'public'],
    ['2606:4700::1111', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.8.9.10', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['10.1.2.3', 'internal'],
    ['172.16.0.1', 'internal'],
    ['192.168.0.1', 'internal'],
    ['::ffff:10.1.2.3', 'internal'],
    ['::ffff:a9fe:a9fe', 'internal'],
    ['169.254.169.254', 'internal'],
    ['169.254.170.2', 'internal'],
    ['fd00:ec2::254', 'internal'],
    ['fe80::1', 'internal'],
    ['fe80::1%eth0', 'internal'],
    ['100.64.0.1', 'internal'],
    ['0.0.0.0', 'internal'],
    ['::', 'internal'],
    ['::a9fe:a9fe', 'internal'],
    ['64:ff9b::a9fe:a9fe', 'internal'],
    ['2002:a9fe:a9fe::', 'internal'],
    ['224.0.0.1', 'internal'],
    ['255.255.255.255', 'internal'],
    ['192.0.2.1', 'internal'],
    ['not an address', 'internal'],
  ])('%s: %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });
});

describe('what can be seen of a URL', () => {
  test.each([['https://example.com/hooks'], ['https://93.184.216.34/'], ['https://[2606:4700::1111]/']])('%s is taken', (url) => {
    expect(checkWebhook(url, {}).href).toBe(url);
  });

  test.each([
    ['http://example.com/', 'WEBHOOK_URL'],
    ['https://10.0.0.1/', 'WEBHOOK_ADDRESS'],
    ['https://169.254.169.254/latest/meta-data/', 'WEBHOOK_ADDRESS'],
    ['https://[::ffff:169.254.169.254]/', 'WEBHOOK_ADDRESS'],
    // Other ways to write 127.0.0.1, which a URL makes one.
    ['https://2130706433/', 'WEBHOOK_ADDRESS'],
    ['https://0x7f.1/', 'WEBHOOK_ADDRESS'],
    ['https://localhost/', 'WEBHOOK_ADDRESS'],
    ['https://app.localhost/', 'WEBHOOK_ADDRESS'],
  ])('%s is refused', (url, code) => {
    expect(() => checkWebhook(url, {})).toThrow(expect.objectContaining({ code }));
  });

  test('a setting opens this machine, and nothing else', () => {
    const settings = { loopbackWebhooks: true };
    expect(checkWebhook('http://127.0.0.1:8080/', settings).port).toBe('8080');
    expect(checkWebhook('http://localhost/', settings).hostname).toBe('localhost');
    for (const url of ['http://example.com/', 'http://localhost.example.com/', 'http://notlocalhost/'])
      expect(() => checkWebhook(url, settings), url).toThrow(expect.objectContaining({ code: 'WEBHOOK_URL' }));
    expect(checkWebhook('https://example.com/', settings).protocol).toBe('https:');
    expect(() => checkWebhook('http://10.0.0.1/', settings)).toThrow(expect.objectContaining({ code: 'WEBHOOK_ADDRESS' }));
    expect(() => checkWebhook('http://93.184.216.34/', settings)).toThrow(expect.objectContaining({ code: 'WEBHOOK_ADDRESS' }));
  });
});
