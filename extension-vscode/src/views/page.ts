// Pages of web views. Pure.

/** A page that shows a picture and may load nothing else. The picture is an image of its own, whatever stands in it. */
export function picturePage(svg: string, nonce: string): string {
  const picture = Buffer.from(svg, 'utf8').toString('base64');
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}'">
<style nonce="${nonce}">
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
  body.vscode-dark, body.vscode-high-contrast { color-scheme: dark; }
  body.vscode-light, body.vscode-high-contrast-light { color-scheme: light; }
  img { max-width: 100%; }
</style>
</head>
<body><img alt="Step graph" src="data:image/svg+xml;base64,${picture}"></body>
</html>`;
}

/**
 * A page that shows a foreign one, a card, where that can do nothing: its frame has an origin of its own that is nobody's, so
 * it cannot reach this page, the editor's API or any storage; it opens no window, sends no form and leads the editor nowhere. The
 * policy is this page's, which a frame without an address inherits: nothing is loaded, nothing is sent. Cards hold all they need, scripts
 * in the page and code that Vega compiles, so those are allowed, inside of the frame. This page has no script, hence no nonce that
 * could give the card's scripts away.
 */
export function cardPage(html: string): string {
  const foreign = html.replace(/&/g, '&amp;').replace(/"/g, '&quot;');
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${cardPolicy}">
<style>
  html, body { margin: 0; padding: 0; height: 100%; overflow: hidden; }
  iframe { border: 0; width: 100%; height: 100%; display: block; background: white; }
</style>
</head>
<body><iframe title="Card" sandbox="allow-scripts" referrerpolicy="no-referrer" allow="" srcdoc="${foreign}"></iframe></body>
</html>`;
}

/**
 * The page of a card with what its task has reported since it was made, as Metaflow's own viewer adds it: by the function that
 * the page has for it. The data belong to one layout of the page, which a token names; those of another are left out.
 */
export function withData(html: string, text: string): string {
  let data: { data?: unknown; reload_token?: unknown };
  try {
    data = JSON.parse(text);
  } catch {
    return html; // being written
  }
  if (typeof data?.data !== 'object' || data.data === null || typeof data.reload_token !== 'string' || !html.includes(`"${data.reload_token}"`)) {
    return html;
  }
  const literal = JSON.stringify(data.data).replace(/</g, '\\u003c');
  return `${html}<script>window.addEventListener("load", () => window.metaflow_card_update?.(${literal}));</script>`;
}

export const cardPolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval'",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'media-src data: blob:',
  'font-src data:',
  "connect-src 'none'",
  "frame-src 'none'",
  "worker-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');
