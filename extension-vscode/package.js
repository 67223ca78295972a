// Makes ../dist/flowls-TARGET.vsix for this machine, with the binaries inside, and checks what is in it.
// The binaries are those in ../bin: `make package` builds them first.

'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const maxBytes = 40 * 1000 * 1000;
const root = path.dirname(__dirname);
const target = `${process.platform}-${process.arch}`;
const binaries = ['flowls', 'flowls-agent'].map((name) => (process.platform === 'win32' ? `${name}.exe` : name));
const expected = ['LICENSE', 'README.md', 'dist/THIRD-PARTY.txt', 'dist/extension.js', 'icon.png', 'media/metaflow.svg', 'package.json', ...binaries.map((name) => `server/${name}`)];

function run(command, args, options = {}) {
  return execFileSync(command, args, { cwd: __dirname, stdio: ['ignore', 'inherit', 'inherit'], ...options });
}

fs.mkdirSync(path.join(__dirname, 'server'), { recursive: true });
for (const name of binaries) {
  const built = path.join(root, 'bin', name);
  const bundled = path.join(__dirname, 'server', name);
  if (!fs.existsSync(built)) {
    console.error(`${path.relative(root, built)} is missing: run \`make package\`.`);
    process.exit(1);
  }
  fs.copyFileSync(built, bundled);
  fs.chmodSync(bundled, 0o755);
}
run('npm', ['run', '--silent', 'check']);
run('npm', ['run', '--silent', 'build']);

const vsce = require.resolve('@vscode/vsce/vsce');
const listed = run(process.execPath, [vsce, 'ls', '--no-dependencies'], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' })
  .split('\n')
  .filter((line) => line !== '')
  .sort();
if (JSON.stringify(listed) !== JSON.stringify(expected.sort())) {
  console.error(`The package would hold\n  ${listed.join('\n  ')}\nand should hold\n  ${expected.join('\n  ')}`);
  process.exit(1);
}
const out = path.join(root, 'dist', `flowls-${target}.vsix`);
fs.mkdirSync(path.dirname(out), { recursive: true });
// The same sources give the same bytes.
const epoch = process.env.SOURCE_DATE_EPOCH ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim();
run(process.execPath, [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--target', target, '--out', out], {
  env: { ...process.env, SOURCE_DATE_EPOCH: epoch },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const { size } = fs.statSync(out);
if (size > maxBytes) {
  console.error(`${out} has ${size} bytes, more than ${maxBytes}.`);
  process.exit(1);
}
console.log(`${path.relative(root, out)}  ${(size / 1e6).toFixed(1)} MB`);
