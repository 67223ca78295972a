import assert from 'node:assert/strict';
import { BinaryError, type BinaryQuery, resolveBinary } from '../src/binary';

function query(changes: Partial<BinaryQuery>): BinaryQuery {
  return { extensionPath: '/ext', platform: 'linux', setting: '', trusted: true, isExecutable: () => true, ...changes };
}

describe('binary', () => {
  it('is the bundled one by default', () => {
    assert.equal(resolveBinary(query({})), '/ext/server/flowls');
    assert.equal(resolveBinary(query({ platform: 'win32' })), '/ext/server/flowls.exe');
  });

  it('is the one in the setting when the workspace is trusted', () => {
    assert.equal(resolveBinary(query({ setting: ' /opt/flowls ' })), '/opt/flowls');
  });

  it('ignores the setting in an untrusted workspace', () => {
    assert.equal(resolveBinary(query({ setting: '/opt/flowls', trusted: false })), '/ext/server/flowls');
  });

  it('says what is wrong with the setting', () => {
    assert.throws(() => resolveBinary(query({ setting: 'bin/flowls' })), /must be an absolute path, not `bin\/flowls`/);
    assert.throws(() => resolveBinary(query({ setting: '/opt/flowls', isExecutable: () => false })), /not an executable file/);
  });

  it('says what to do when there is no binary', () => {
    assert.throws(
      () => resolveBinary(query({ isExecutable: () => false })),
      (error: unknown) => error instanceof BinaryError && /flowls\.path/.test(error.message),
    );
  });
});
