import { expect, test } from 'vitest';
import { escapeHtml } from '../../lib/escape-html.ts';

test('a text is the same text in an element and in an attribute', () => {
  expect(escapeHtml(`<b title="it's">a & b</b> &amp;`)).toBe(`&lt;b title=&quot;it's&quot;&gt;a &amp; b&lt;/b&gt; &amp;amp;`);
});
