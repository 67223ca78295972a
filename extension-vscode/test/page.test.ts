import assert from 'node:assert/strict';
import { picturePage } from '../src/views/page';

describe('graph page', () => {
  const svg = '<svg><text>"><script>alert(1)</script> Größe</text></svg>';
  const html = picturePage(svg, 'bm9uY2U=');

  it('holds the picture unchanged, and nothing of it as markup', () => {
    const data = /src="data:image\/svg\+xml;base64,([^"]*)"/.exec(html)?.[1] ?? '';
    assert.equal(Buffer.from(data, 'base64').toString('utf8'), svg);
    assert.ok(!html.includes('<script'));
  });

  it('may load nothing but the picture and its own style', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    assert.equal(policy, "default-src 'none'; img-src data:; style-src 'nonce-bm9uY2U='");
  });
});
