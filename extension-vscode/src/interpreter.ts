// Which Python the server is told to use. '' lets the server look for one itself (VIRTUAL_ENV, .venv, PATH).

import * as vscode from 'vscode';

/** The part of the Python extension's published API that is used here. */
interface PythonApi {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(
      environment: { path: string },
    ): Promise<{ executable: { uri?: vscode.Uri }; environment?: unknown } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

const pythonExtension = 'ms-python.python';

/** Follows the setting and the Python extension; `onDidChange` fires when the answer changes. */
export class Interpreter implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly disposables: vscode.Disposable[] = [this.changed];
  private fromPythonExtension = '';
  private api: PythonApi | undefined;
  private connecting = false;

  readonly onDidChange = this.changed.event;

  /** The machine-scoped setting wins; the Python extension's environment comes next. */
  get path(): string {
    const setting = vscode.workspace.getConfiguration('flowls').get<string>('interpreter', '').trim();
    return setting !== '' ? setting : this.fromPythonExtension;
  }

  /** Asks the Python extension, where there is one. Never in an untrusted workspace: it may choose a file of that workspace. */
  async connect(): Promise<void> {
    if (!vscode.workspace.isTrusted || this.api !== undefined || this.connecting) {
      return;
    }
    const extension = vscode.extensions.getExtension<PythonApi>(pythonExtension);
    if (extension === undefined) {
      return;
    }
    this.connecting = true;
    try {
      const api = await extension.activate();
      if (api?.environments === undefined) {
        return;
      }
      this.api = api;
      this.disposables.push(api.environments.onDidChangeActiveEnvironmentPath(() => void this.refresh()));
      await this.refresh();
    } finally {
      this.connecting = false;
    }
  }

  /** Lets the user choose: through the Python extension where there is one, else by a path in the user settings. */
  async select(): Promise<void> {
    if (vscode.extensions.getExtension(pythonExtension) !== undefined) {
      await vscode.commands.executeCommand('python.setInterpreter');
      return;
    }
    const automatic = { label: '$(sparkle) Find it automatically', description: 'active environment, then .venv, then PATH' };
    const browse = { label: '$(folder) Choose a Python executable…' };
    const choice = await vscode.window.showQuickPick([automatic, browse], {
      title: 'Python interpreter for Metaflow',
      placeHolder: this.path === '' ? 'Now: found automatically' : `Now: ${this.path}`,
    });
    if (choice === undefined) {
      return;
    }
    let value: string | undefined;
    if (choice === browse) {
      const files = await vscode.window.showOpenDialog({ title: 'Python interpreter for Metaflow', openLabel: 'Use' });
      if (files?.[0] === undefined) {
        return;
      }
      value = files[0].fsPath;
    }
    await vscode.workspace.getConfiguration('flowls').update('interpreter', value, vscode.ConfigurationTarget.Global);
  }

  private async refresh(): Promise<void> {
    const api = this.api;
    if (api === undefined) {
      return;
    }
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const resolved = await api.environments.resolveEnvironment(api.environments.getActiveEnvironmentPath(folder));
    // A bare system Python is rarely a choice: leave it to the server, which prefers the project's .venv.
    const chosen = resolved?.environment === undefined ? '' : (resolved.executable.uri?.fsPath ?? '');
    if (chosen !== this.fromPythonExtension) {
      this.fromPythonExtension = chosen;
      this.changed.fire();
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}
