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
