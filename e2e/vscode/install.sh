#!/bin/sh
# Installs what the VS Code test needs, where it is missing: the browser with fonts (apt-get, as root), then VS Code in the browser.
set -eu
cd "$(dirname "$0")"
../../scripts/system-deps e2e
code-server/install.sh
