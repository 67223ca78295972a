// The language client: starts the binary, tells it settings and trust, hands out its requests and notifications.

import * as fs from 'node:fs';
import * as vscode from 'vscode';
import {
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ServerOptions,
  State,
  type StaticFeature,
  TransportKind,
} from 'vscode-languageclient/node';
import type { RequestType } from 'vscode-languageserver-protocol';
import { BinaryError, resolveBinary } from './binary';
import type { Interpreter } from './interpreter';
import * as wire from './protocol';
import { RestartQueue } from './restart';

/** How long the server may take to end before it is killed, in milliseconds. */
const stopTimeout = 2000;

export type CommandInterceptor = (
  command: string,
  args: unknown[],
  next: (command: string, args: unknown[]) => Promise<unknown>,
) => Promise<unknown>;

export type ServerState =
  | { kind: 'starting' }
  | { kind: 'running'; version: string }
  | { kind: 'stopped' }
  | { kind: 'failed'; message: string };

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Announces the optional parts of the protocol that this client understands. */
const experimental: StaticFeature = {
  fillClientCapabilities(capabilities) {
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), flowls: wire.experimentalCapabilities };
  },
  initialize() {},
  getState: () => ({ kind: 'static' }),
  clear() {},
};

export class Server implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel('Metaflow Language Server', { log: true });

  private client: LanguageClient | undefined;
  private readonly queue = new RestartQueue(() => this.startOnce());
  private readonly stateChanged = new vscode.EventEmitter<ServerState>();
  private readonly runChanged = new vscode.EventEmitter<wire.RunChanged>();
  private readonly graphChanged = new vscode.EventEmitter<{ uri: string }>();
  private readonly statusChanged = new vscode.EventEmitter<wire.ServerStatus>();
  private disposed = false;

  readonly onState = this.stateChanged.event;
  readonly onRunChanged = this.runChanged.event;
  readonly onGraphChanged = this.graphChanged.event;
  readonly onStatus = this.statusChanged.event;

  /** Set once by the commands: sees every server command before it is sent. */
  intercept: CommandInterceptor = (command, args, next) => next(command, args);

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly interpreter: Interpreter,
  ) {}

  /** Starts or restarts; coalesced. A failure is shown in the status item and the log, never thrown. */
  restart(): Promise<void> {
    return this.queue.request();
  }

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** The command line of the binary now in use, for the log and the status menu. */
  binary(): string {
    return resolveBinary({
      extensionPath: this.context.extensionPath,
      platform: process.platform,
      setting: vscode.workspace.getConfiguration('flowls').get<string>('path', ''),
      trusted: vscode.workspace.isTrusted,
      isExecutable,
    });
  }

  settings(): wire.Settings {
    const configuration = vscode.workspace.getConfiguration('flowls');
    return {
      trusted: vscode.workspace.isTrusted,
      interpreter: this.interpreter.path,
      select: configuration.get<string[]>('select', []),
      ignore: configuration.get<string[]>('ignore', []),
      severity: configuration.get<Record<string, string>>('severity', {}),
      inlayHints: { enabled: configuration.get<boolean>('inlayHints.enabled', true) },
      codeLens: { enabled: configuration.get<boolean>('codeLens.enabled', true) },
      kubernetes: {
        kubeconfig: configuration.get<string>('kubernetes.kubeconfig', ''),
        context: configuration.get<string>('kubernetes.context', ''),
        preflight: configuration.get<boolean>('kubernetes.preflight', false),
      },
    };
  }

  /** Tells the running server the settings as they are now, trust among them. */
  async sendSettings(): Promise<void> {
    if (this.client !== undefined && this.running) {
      await this.client.sendNotification('workspace/didChangeConfiguration', { settings: { flowls: this.settings() } });
    }
  }

  /** Undefined when there is no server to ask or it does not know the request. */
  async ask<P, R>(type: RequestType<P, R, void>, params: P, token?: vscode.CancellationToken): Promise<R | undefined> {
    if (this.client === undefined || !this.running) {
      return undefined;
    }
    try {
      return await this.client.sendRequest(type, params, token);
    } catch (error) {
      this.log.warn(`${type.method}: ${message(error)}`);
      return undefined;
    }
  }

  /** Runs a server command; a refusal is thrown with the server's own words. */
  async execute<R>(command: string, argument: object): Promise<R> {
    if (this.client === undefined || !this.running) {
      throw new Error('The Metaflow language server is not running.');
    }
    return (await this.client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] })) as R;
  }

  private async startOnce(): Promise<void> {
    await this.stop();
    if (this.disposed) {
      return;
    }
    this.stateChanged.fire({ kind: 'starting' });
    try {
      const client = this.create(this.binary());
      this.client = client;
      await client.start();
    } catch (error) {
      if (error instanceof BinaryError) {
        void vscode.window.showErrorMessage(error.message);
      }
      this.log.error(message(error));
      this.stateChanged.fire({ kind: 'failed', message: message(error) });
    }
  }

  private create(command: string): LanguageClient {
    const serverOptions: ServerOptions = { command, args: ['serve'], transport: TransportKind.stdio };
    const options: LanguageClientOptions = {
      documentSelector: [{ language: 'python', scheme: 'file' }],
      initializationOptions: () => this.settings(),
      outputChannel: this.log,
      // Links in hovers that open cards.
      markdown: { isTrusted: { enabledCommands: ['flowls.client.showCard'] } },
      // A refusal is shown in the server's own words (commands.ts); the client's "Request … failed." beside it says less.
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware: {
        executeCommand: (name, args, next) => this.intercept(name, args, async (c, a) => next(c, a)),
        workspace: {
          configuration: (params, token, next) =>
            params.items.every((item) => item.section === 'flowls') ? params.items.map(() => this.settings()) : next(params, token),
        },
      },
    };
    const client = new LanguageClient('flowls', 'Metaflow Language Server', serverOptions, options);
    client.registerFeature(experimental);
    client.onNotification(wire.RunChangedNotification, (p) => this.runChanged.fire(p));
    client.onNotification(wire.GraphChangedNotification, (p) => this.graphChanged.fire(p));
    client.onNotification(wire.ServerStatusNotification, (p) => this.statusChanged.fire(p));
    client.onDidChangeState(({ newState }) => {
      if (client !== this.client) {
        return;
      }
      if (newState === State.Running) {
        this.stateChanged.fire({ kind: 'running', version: client.initializeResult?.serverInfo?.version ?? '' });
      } else {
        this.stateChanged.fire({ kind: newState === State.Starting ? 'starting' : 'stopped' });
      }
    });
    return client;
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client === undefined) {
      return;
    }
    try {
      await client.dispose(stopTimeout);
    } catch (error) {
      // It did not end in time or never started; languageclient has ended the process.
      this.log.warn(`Stopping the server: ${message(error)}`);
    }
  }

  async shutdown(): Promise<void> {
    this.disposed = true;
    await this.stop();
  }

  dispose(): void {
    void this.shutdown();
    vscode.Disposable.from(this.stateChanged, this.runChanged, this.graphChanged, this.statusChanged, this.log).dispose();
  }
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
