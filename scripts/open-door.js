// Lets the browser into VS Code without a password to type: whoever knows the secret path gets the cookie of a logged-in session
// and is sent on to the editor. Both listen on 127.0.0.1, which every user of this machine can reach: hence the secret.
//
// Environment, so that no other user sees it among the processes: DOOR_PATH, DOOR_COOKIE, DOOR_TARGET. Prints its own address.

'use strict';
const crypto = require('node:crypto');
const http = require('node:http');

const { DOOR_PATH, DOOR_COOKIE, DOOR_TARGET } = process.env;
const digest = (text) => crypto.createHash('sha256').update(text).digest();
const wanted = digest(`/${DOOR_PATH}`);

const server = http.createServer((request, response) => {
  const host = `127.0.0.1:${server.address().port}`;
  if (request.method !== 'GET' || request.headers.host !== host || !crypto.timingSafeEqual(digest(request.url), wanted)) {
    response.writeHead(404).end();
    return;
  }
  response
    .writeHead(302, {
      // Cookies do not know ports: the editor's port gets it as well.
      'Set-Cookie': `code-server-session=${DOOR_COOKIE}; Path=/; HttpOnly; SameSite=Lax`,
      Location: DOOR_TARGET,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    })
    .end();
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/${DOOR_PATH}`));
