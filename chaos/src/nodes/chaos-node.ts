import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  askFourLetterWord,
  askMode,
  nodeProcesses,
  signalNode,
  signalProcess,
  type SmallDisk,
} from '@bellwether/testbed';
import { DISK_TROUBLE_MS_MAX, STOP_MS_MAX } from '../limits.ts';
import { nodeConfig, PORTS, type NodeAddress } from './node-config.ts';

type Command = readonly [string, ...string[]];

const LOG_TAIL_CHARACTERS = 2_000;
/** What a node says that ends because of its disk. */
const DISK_TROUBLE = /ENOSPC|EIO: i\/o error, injected/;

export interface ChaosNodeOptions extends NodeAddress {
  readonly dataDirectory: string;
  readonly configFile: string;
  readonly logFile: string;
  readonly disk: SmallDisk;
  /** Runs it where it lives. */
  readonly command: (configFile: string) => Command;
  readonly environment: Readonly<Record<string, string>>;
}

/** What `dgst` says: equal digests at equal zxids mean equal trees. */
export interface TreeDigest {
  readonly zxid: string;
  readonly digest: string;
}

/** One server, over all the processes that it has been. */
export class ChaosNode {
  readonly id: number;
  readonly address: string;
  readonly disk: SmallDisk;
  /** Ends of its process that nobody asked for and that no fault explains, in words. */
  readonly unexpectedEnds: string[] = [];
  readonly #options: ChaosNodeOptions;
  #child: ChildProcess | undefined;
  #isPaused = false;
  /** Faults under which a node may end by itself. */
  #excuses = 0;
  /** By those who keep it down. */
  #holds = 0;
  /** When its disk was full or failing last. */
  #diskTroubleMs = -Infinity;

  constructor(options: ChaosNodeOptions) {
    this.#options = options;
    this.id = options.id;
    this.address = options.address;
    this.disk = options.disk;
  }

  /** It has a process, and that one is not stopped. */
  get isRunning(): boolean {
    return this.#child !== undefined && !this.#isPaused;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isDown(): boolean {
    return this.#child === undefined;
  }

  /** host:port for clients. */
  get clientAddress(): string {
    return `${this.address}:${PORTS.client}`;
  }

  /** Writes its configuration anew; of a newcomer, its data is gone. */
  configure(members: readonly NodeAddress[], as: 'founder' | 'newcomer'): void {
    const { id, address, dataDirectory, configFile } = this.#options;
    if (as === 'newcomer') rmSync(dataDirectory, { recursive: true, force: true });
    writeFileSync(configFile, nodeConfig({ id, address, dataDirectory, members, as }));
  }

  /** No-op while it runs, and while somebody keeps it down. */
  start(): void {
    if (this.#child !== undefined || this.#holds > 0) return;
    const { command, configFile, logFile, environment } = this.#options;
    const [program, ...args] = command(configFile);
    const log = openSync(logFile, 'a');
    const child = spawn(program, args, {
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C is for this program, which then ends its nodes.
      detached: true,
      env: { ...process.env, ...environment },
    });
    closeSync(log);
    this.#child = child;
    child.once('error', (error) => this.unexpectedEnds.push(`node ${this.id}: ${error.message}`));
    child.once('exit', (code, signal) => this.#onExit(child, code, signal));
  }

  /** Once it is stopped: until the returned function is called, nobody starts it. */
  keepDown(): () => void {
    this.#holds += 1;
    return () => void (this.#holds -= 1);
  }

  /** kill -9 of all its processes; resolves once the one that was started is gone. */
  kill(): Promise<void> {
    return this.#end(() => this.#signal('SIGKILL'));
  }

  /** kill -9 of one of its processes: the other one ends by itself then. */
  killOne(which: 'service' | 'consensus'): Promise<void> {
    return this.#end(({ pid = NaN }) => {
      const [service = pid, consensus = pid] = nodeProcesses(pid);
      signalProcess(which === 'service' ? service : consensus, 'SIGKILL');
    });
  }

  /** At once, for the end of this program. */
  killNow(): void {
    this.#signal('SIGKILL');
  }

  /** SIGTERM; resolves once the process is gone. One that does not go counts as a mistake. */
  async stop(): Promise<void> {
    const patience = new AbortController();
    const late = sleep(STOP_MS_MAX, 'late', { signal: patience.signal }).catch(() => 'over');
    const ended = this.#end((child) => void child.kill('SIGTERM'));
    const outcome = await Promise.race([ended, late]);
    patience.abort();
    if (outcome !== 'late') return;
    const what = `node ${this.id} did not stop within ${STOP_MS_MAX / 1000} s of SIGTERM`;
    this.unexpectedEnds.push(what);
    await this.kill();
  }

  pause(): void {
    this.#isPaused = true;
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#isPaused = false;
    this.#signal('SIGCONT');
  }

  /** Its disk is full or failing now: it may end by itself, and says so. */
  noteDiskTrouble(): void {
    this.#diskTroubleMs = performance.now();
  }

  /** While something is done under which it may end. */
  excuse(): () => void {
    let isOver = false;
    this.#excuses += 1;
    return () => {
      this.#excuses -= isOver ? 0 : 1;
      isOver = true;
    };
  }

  /** Resolves once its process has ended, or the time is up. */
  async waitForEnd(timeoutMs: number): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const patience = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([once(child, 'exit'), late]);
    patience.abort();
  }

  /** Out of its disk, which will be gone, to beside it. Not while it runs. */
  saveData(): void {
    const { dataDirectory, configFile } = this.#options;
    cpSync(dataDirectory, join(dirname(configFile), 'data'), { recursive: true });
  }

  /** "leader" or "follower" as `srvr` has it; undefined while it does not serve. */
  mode(): Promise<string | undefined> {
    return askMode(this.clientAddress);
  }

  ask(word: string): Promise<string | undefined> {
    return askFourLetterWord(this.clientAddress, word);
  }

  async treeDigest(): Promise<TreeDigest | undefined> {
    const answer = (await this.ask('dgst')) ?? '';
    const zxid = /^zxid (\S+)/m.exec(answer)?.[1];
    const digest = /^digest (\S+)/m.exec(answer)?.[1];
    return zxid === undefined || digest === undefined ? undefined : { zxid, digest };
  }

  /** The end of what it has written. */
  get logTail(): string {
    return readFileSync(this.#options.logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS);
  }

  #signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    if (this.#child?.pid !== undefined) signalNode(this.#child.pid, signal);
  }

  async #end(strike: (child: ChildProcess) => void): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const excuseOver = this.excuse();
    const exit = once(child, 'exit');
    strike(child);
    await exit;
    excuseOver();
  }

  get #hasEndedByItsDisk(): boolean {
    const isRecent = performance.now() - this.#diskTroubleMs < DISK_TROUBLE_MS_MAX;
    return isRecent && DISK_TROUBLE.test(this.logTail);
  }

  #onExit(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#child === child) this.#child = undefined;
    this.#isPaused = false;
    if (this.#excuses > 0 || this.#hasEndedByItsDisk) return;
    const how = signal ?? `exit code ${code}`;
    this.unexpectedEnds.push(`node ${this.id} ended by itself (${how}):\n${this.logTail}`);
  }
}
