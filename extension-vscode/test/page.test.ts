import assert from 'node:assert/strict';
import { cardPage, cardPolicy, picturePage, withData } from '../src/views/page';

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

describe('the page of a card', () => {
  it('holds the card as the text of an attribute', () => {
    const page = cardPage('<p title="a&b">x</p>"><script>alert(1)</script>');
    assert.equal(page.match(/srcdoc="([^"]*)"/)?.[1], '<p title=&quot;a&amp;b&quot;>x</p>&quot;><script>alert(1)</script>');
    assert.equal(page.match(/<iframe/g)?.length, 1);
    assert.match(page, /<iframe title="Card" sandbox="allow-scripts" /);
  });

  it('lets nothing be loaded or sent', () => {
    assert.match(cardPolicy, /default-src 'none'/);
    assert.match(cardPolicy, /connect-src 'none'/);
    assert.doesNotMatch(cardPolicy, /https?:|\*|'self'/);
  });

  it('takes in what its task has reported, of the same layout only', () => {
    const html = '<script>var METAFLOW_RELOAD_TOKEN = "runtime-1"</script>';
    const data = (token: string) => JSON.stringify({ reload_token: token, data: { bar: '</script><b>' } });
    assert.equal(
      withData(html, data('runtime-1')),
      `${html}<script>window.addEventListener("load", () => window.metaflow_card_update?.({"bar":"\\u003c/script>\\u003cb>"}));</script>`,
    );
    for (const other of [data('runtime-2'), '{"data": {', 'null', '{"data": 1, "reload_token": "runtime-1"}', '{"data": {}}']) {
      assert.equal(withData(html, other), html);
    }
  });
});
