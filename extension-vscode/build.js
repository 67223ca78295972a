// Bundles the extension into dist/extension.js, with the licences of what is bundled beside it.

'use strict';
const esbuild = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');

/** The package folder that a bundled file belongs to, or undefined for our own sources. */
function packageOf(file) {
  const at = file.lastIndexOf('node_modules/');
  if (at < 0) {
    return undefined;
  }
  const names = file.slice(at + 'node_modules/'.length).split('/');
  return file.slice(0, at) + path.join('node_modules', ...names.slice(0, names[0].startsWith('@') ? 2 : 1));
}

function licences(inputs) {
  const folders = new Set(inputs.map(packageOf).filter((folder) => folder !== undefined));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    if (file === undefined) {
      throw new Error(`${folder} is bundled and has no licence file`);
    }
    return `${name} ${version} (${license})\n\n${fs.readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  });
}

process.chdir(__dirname);
const { metafile } = esbuild.buildSync({
  entryPoints: ['src/extension.ts'],
  bundle: true,
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  external: ['vscode'],
  minify: true,
  metafile: true,
  outfile: 'dist/extension.js',
  logLevel: 'warning',
});
const rule = `\n${'-'.repeat(80)}\n\n`;
fs.writeFileSync(
  'dist/THIRD-PARTY.txt',
  `The extension contains the following packages.\n${rule}${licences(Object.keys(metafile.inputs)).join(rule)}`,
);
