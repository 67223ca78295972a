// Which flowls binary to start. Written order: the user's `flowls.path` in a trusted workspace, else the bundled one.

import * as path from 'node:path';

export interface BinaryQuery {
  extensionPath: string;
  platform: NodeJS.Platform;
  /** The machine-scoped setting `flowls.path`. */
  setting: string;
  trusted: boolean;
  isExecutable: (file: string) => boolean;
}

/** Thrown with a message that tells the user what to do. */
export class BinaryError extends Error {}

/** Absolute path of the binary to start. An untrusted workspace always gets the bundled one. */
export function resolveBinary(query: BinaryQuery): string {
  const setting = query.setting.trim();
  if (query.trusted && setting !== '') {
    if (!path.isAbsolute(setting)) {
      throw new BinaryError(`The setting flowls.path must be an absolute path, not \`${setting}\`.`);
    }
    if (!query.isExecutable(setting)) {
      throw new BinaryError(`The setting flowls.path names \`${setting}\`, which is not an executable file.`);
    }
    return setting;
  }
  const bundled = path.join(query.extensionPath, 'server', query.platform === 'win32' ? 'flowls.exe' : 'flowls');
  if (!query.isExecutable(bundled)) {
    throw new BinaryError(
      'This build of the extension carries no flowls binary for your platform. Build it with `make bin` in a checkout and name `bin/flowls` in the user setting flowls.path.',
    );
  }
  return bundled;
}
