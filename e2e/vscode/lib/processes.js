'use strict';
const fs = require('node:fs');

/** The living processes that name `text` on their command line or run below that folder, as {pid, command}. */
function processes(text) {
  const found = [];
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
      const cwd = fs.readlinkSync(`/proc/${pid}/cwd`);
      if (command.length > 0 && (command.some((word) => word.includes(text)) || cwd.startsWith(text))) {
        found.push({ pid: Number(pid), command });
      }
    } catch (error) {
      // It ended while we looked, or is another user's.
      if (!['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) {
        throw error;
      }
    }
  }
  return found;
}

module.exports = { processes };
