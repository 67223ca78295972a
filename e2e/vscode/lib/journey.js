// One editor for the tests of one file, in order. A test that fails leaves what tells why, and a workbench for the next one.

'use strict';
const path = require('node:path');
const { after, before, test } = require('node:test');
const { out, Session } = require('./session');

/**
 * @param {string} name
 * @param {{trusted: boolean, file: string}} options see Session.start
 * @returns {(title: string, run: (session: Session) => Promise<void>) => void} declares one test
 */
function journey(name, options) {
  let session;
  before(async () => {
    session = await Session.start(name, options);
  });
  after(async () => session?.stop());
  return (title, run) =>
    test(title, async () => {
      try {
        await run(session);
      } catch (error) {
        console.log(`  | FAILED: ${title}: ${error.message}`);
        await keep(session, title);
        const recovered = await session.recover().then(
          () => true,
          (failure) => console.log(`  | not recovered: ${failure.message}`),
        );
        // A browser takes its time, and a machine may be busy: who waited in vain twice is to blame. What was seen and is
        // wrong stays wrong.
        if (!recovered || error.code === 'ERR_ASSERTION') {
          throw error;
        }
        console.log(`  | TRIED ONCE MORE: ${title}`);
        try {
          await run(session);
        } catch (again) {
          console.log(`  | FAILED AGAIN: ${title}: ${again.message}`);
          await keep(session, title);
          await session.recover().catch((failure) => console.log(`  | not recovered: ${failure.message}`));
          throw error;
        }
      }
    });
}

/** The page as a picture, and what the parts of the workbench and the server say. */
async function keep(session, title) {
  const { workbench, launches } = session;
  const shot = `failed-${session.name}-${title.replace(/\W+/g, '-').slice(0, 60)}`;
  const told = (what, lines) => console.log([`  | ${what}:`, ...lines.map((line) => `  |   ${line}`)].join('\n'));
  console.log(`  | ${title}: see ${path.join(out, shot)}.png`);
  try {
    await workbench.shot(shot);
    told('lenses', await workbench.texts('.codelens-decoration'));
    told('side bar', await workbench.rows('.part.sidebar'));
    told('problems', await workbench.texts('.markers-panel .monaco-list-row'));
    told('notifications', await workbench.texts('.notification-list-item'));
  } catch (error) {
    told('the page cannot be read', [error.message]);
  }
  told('launches', launches.all().map((launch) => JSON.stringify(launch)));
  const last = launches.all().at(-1);
  if (last !== undefined) {
    told('output of the last one', tail(launches.output(last), 12));
  }
  try {
    // Only here: VS Code in the browser keeps no file of it without native modules.
    await workbench.command('Metaflow: Show Language Server Log');
    await workbench.page.locator('.part.panel .view-line').first().waitFor();
    told('the server says', await workbench.texts('.part.panel .view-line'));
  } catch (error) {
    told('the log of the server cannot be read', [error.message]);
  }
}

function tail(text, count) {
  return text.trimEnd().split('\n').slice(-count);
}

module.exports = { journey };
