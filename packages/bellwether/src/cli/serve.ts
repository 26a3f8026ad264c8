import { formatFinding } from '../config/findings.ts';
import { loadConfig, type LoadedConfig } from '../config/load-config.ts';
import { reportToParent } from '../dev/parent.ts';
import { createLogger, type Logger } from '../logger.ts';
import type { NodeConfig } from '../node-config.ts';
import { type RunningServer, startServer } from '../server/server.ts';
import { LeadershipLog } from './leadership-log.ts';
import { UserError } from './user-error.ts';

export interface ServeOptions {
  /** Only check the configuration. */
  readonly check: boolean;
  /** A child of `bellwether dev`: reports to its parent, and ends with it. */
  readonly supervised: boolean;
}

/** After this a stop that hangs is cut short. */
const STOP_MS_MAX = 10_000;
/** A change of leadership is logged and reported so much later. */
const LEADERSHIP_TOLD_MS = 25;

/**
 * Runs one node until it is told to stop.
 *
 * @throws ConfigError; UserError when the node cannot start
 */
export async function serve(file: string, options: ServeOptions): Promise<number> {
  const loaded = loadConfig(file);
  if (options.check) return check(loaded);
  const { config } = loaded;
  const log = createLogger(config.log, 'serve');
  logFindings(loaded, log);
  // Before anything starts: whoever stops us while we do must be heard.
  const stopReason = stopRequest(options.supervised, log);
  const started = await Promise.race([stopReason, start(config)]);
  if (typeof started === 'string') process.exit(0);

  const { address, port } = started.clientAddress;
  log.info('listening for clients', { node: config.nodeId, address, port });
  const report = options.supervised ? reportToParent(started) : undefined;
  const leadership = new LeadershipLog(log);
  const tell = (): void => {
    leadership.note(started.status());
    report?.();
  };
  started.onLeadership(soonOnce(tell));
  log.info('stopping', { because: await stopReason });
  await stopWithin(started, STOP_MS_MAX);
  log.info('stopped');
  // A worker or a socket that lingers must not keep a stopped node alive.
  process.exit(0);
}

/**
 * Called any number of times, calls `action` once a moment later. When a leader is lost its followers have many
 * a step to tell of, and something better to do.
 */
function soonOnce(action: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const act = (): void => {
    timer = undefined;
    action();
  };
  return () => void (timer ??= setTimeout(act, LEADERSHIP_TOLD_MS));
}

function check({ config, warnings }: LoadedConfig): number {
  for (const warning of warnings) process.stderr.write(`warning: ${formatFinding(warning)}\n`);
  const members = config.members.length === 1 ? '1 member' : `${config.members.length} members`;
  process.stdout.write(`the configuration is fine: node ${config.nodeId} of ${members}\n`);
  return 0;
}

function logFindings({ warnings, notes }: LoadedConfig, log: Logger): void {
  for (const warning of warnings) log.warn(formatFinding(warning));
  for (const note of notes) log.info(formatFinding(note));
}

async function start(config: NodeConfig): Promise<RunningServer> {
  try {
    return await startServer(config, 'process');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const failure = new UserError(`node ${config.nodeId} cannot start: ${advise(error, config)}`);
    failure.cause = error;
    throw failure;
  }
}

function advise(error: Error, config: NodeConfig): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return `${error.message}: another process has the port`;
  if (code === 'EACCES') return `${error.message}: are dataDir and the ports allowed to it?`;
  if (code === 'ENOSPC') return `${error.message}: ${config.dataDir} has no space left`;
  return error.message;
}

/**
 * Resolves with why the node is to stop. A second signal ends it at once. Ctrl-C reaches the whole process
 * group: `bellwether dev` decides in which order things end.
 */
function stopRequest(isSupervised: boolean, log: Logger): Promise<string> {
  return new Promise((resolve) => {
    let isStopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isStopping) process.exit(1);
      isStopping = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    if (isSupervised) process.on('SIGINT', () => log.debug('SIGINT is not for us'));
    else process.on('SIGINT', onSignal);
    if (!isSupervised) return;
    process.on('disconnect', () => resolve('the parent process is gone'));
    if (!process.connected) resolve('the parent process is gone');
  });
}

async function stopWithin(server: RunningServer, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => process.exit(1), timeoutMs);
  await server.stop();
  clearTimeout(timer);
}
