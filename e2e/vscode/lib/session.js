// One editor with one page on a copy of the examples: what every test file starts with.

'use strict';
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { root, startEditor } = require('./editor');
const { Launches } = require('./launches');
const { processes } = require('./processes');
const { until } = require('./until');
const { launchBrowser, Workbench } = require('./workbench');

const out = path.join(root, 'e2e/vscode/out');
const python = path.join(root, '.venv/bin/python');

/** Packages the extension anew, so the test sees the sources as they are. */
function packageExtension() {
  execFileSync('npm', ['run', '--silent', '-w', 'extension-vscode', 'package'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return path.join(root, 'dist', `flowls-${process.platform}-${process.arch}.vsix`);
}

/** A new folder that Metaflow takes as its own place: it would use a `.metaflow` of any folder above. */
function makeFolder(name) {
  for (const parent of [os.tmpdir(), '/var/tmp', path.join(root, '.cache')]) {
    let folder = parent;
    while (!fs.existsSync(path.join(folder, '.metaflow')) && folder !== path.dirname(folder)) {
      folder = path.dirname(folder);
    }
    if (folder === path.dirname(folder) && fs.existsSync(parent)) {
      return fs.mkdtempSync(path.join(parent, `flowls-e2e-${name}-`));
    }
  }
  throw new Error('a folder .metaflow stands above every temporary folder: remove it');
}

class Session {
  /**
   * @param {string} name
   * @param {{trusted: boolean, file: string, from?: string, interpreter?: string, env?: object}} options `file` is opened, by its
   * name in `from`, which is examples/ unless told
   */
  static async start(name, { trusted, file, from = path.join(root, 'examples'), interpreter = python, env = {} }) {
    const session = new Session();
    session.name = name;
    session.file = file;
    session.from = from;
    session.dir = makeFolder(name);
    session.launches = new Launches(path.join(session.dir, 'state'));
    session.workspace = path.join(session.dir, 'examples');
    fs.cpSync(from, session.workspace, {
      recursive: true,
      filter: (source) => !/\.metaflow(_spin)?$|__pycache__$/.test(source),
    });
    try {
      session.editor = await startEditor({
        dir: session.dir,
        vsix: packageExtension(),
        trusted,
        machineSettings: { 'flowls.interpreter': interpreter },
        env: { METAFLOW_USER: 'e2e', ...env },
      });
      session.browser = await launchBrowser();
      session.workbench = await Workbench.open(
        session.browser,
        session.editor.address(session.workspace, path.join(session.workspace, file)),
        out,
      );
    } catch (error) {
      await session.stop();
      throw error;
    }
    return session;
  }

  /** The saved text of the open file. */
  read() {
    return fs.readFileSync(path.join(this.workspace, this.file), 'utf8');
  }

  /** Number (1-based) of the first line of the saved file that contains the text. */
  line(text) {
    const index = this.read().split('\n').findIndex((line) => line.includes(text));
    assert.notEqual(index, -1, `no line with ${text}`);
    return index + 1;
  }

  /** The Python processes of the runs. */
  runs() {
    return processes(this.workspace).filter(({ command }) => /python/.test(command[0]));
  }

  /** After a failure, so that the tests behind it have a chance: nothing runs, nothing is open, the file is as it was. */
  async recover() {
    const { page } = this.workbench;
    for (const { pid } of this.runs()) {
      killed(pid);
    }
    await until('no run is left', 30_000, () => this.launches.all().every(({ status }) => status !== 'running'));
    fs.copyFileSync(path.join(this.from, this.file), path.join(this.workspace, this.file));
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press('Escape');
    }
    await this.workbench.command('Notifications: Clear All Notifications');
    await this.workbench.openFile(this.file);
    await this.workbench.command('File: Revert File');
  }

  async stop() {
    await this.browser?.close();
    await this.editor?.stop();
    for (const { pid } of this.runs()) {
      killed(pid); // a failed test may leave a run that never ends
    }
    // A run outlives its editor, as it should: it writes here until it ends.
    await until('the last run has ended', 60_000, () => processes(this.dir).length === 0);
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

function killed(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}

module.exports = { out, python, Session };
