import {
  type ChildExit,
  type ChildNode,
  describeExit,
  type NodeProgram,
  startChild,
} from './child-node.ts';
import { changesBetween, isReady, leaderOf, type NodeView } from './cluster-view.ts';
import { lastLines, removePids, writePids } from './data-directory.ts';
import { clientsOf, DEV_HOST, type DevNode } from './dev-layout.ts';
import type { NodeReport } from './node-report.ts';
import type { Screen } from './screen.ts';
import { tableOf } from './table.ts';

const LOG_LINES_SHOWN = 12;
const STOP_MS_MAX = 8_000;
/** A process that lived longer is started again after the shortest wait. */
const LIVED_MS_MIN = 10_000;
/** Not at once: a process that starts takes a core, which the others need to elect a leader. */
const RESTART_MS_MIN = 250;
const RESTART_MS_MAX = 10_000;

export interface DevClusterOptions {
  readonly nodes: readonly DevNode[];
  readonly directory: string;
  readonly program: NodeProgram;
  readonly whenChildEnds: 'report' | 'restart';
  readonly screen: Screen;
}

interface Member {
  readonly node: DevNode;
  child: ChildNode | undefined;
  view: NodeView;
  /** Grows while the process keeps ending soon after its start. */
  restartMs: number;
  restartTimer: NodeJS.Timeout | undefined;
}

/** The processes of a local cluster, and what is known of them. */
export class DevCluster {
  readonly #options: DevClusterOptions;
  readonly #members: readonly Member[];
  #wasReady = false;
  #isStopping = false;
  #onEnded: (exitCode: number) => void = () => undefined;
  #exitCode = 0;

  constructor(options: DevClusterOptions) {
    this.#options = options;
    this.#members = options.nodes.map((node) => {
      const clients = `${DEV_HOST}:${node.clientPort}`;
      const view = { id: node.id, pid: undefined, clients, report: undefined, ended: undefined };
      return { node, child: undefined, view, restartMs: RESTART_MS_MIN, restartTimer: undefined };
    });
  }

  /** Starts every process; resolves with the exit code when the last one has ended for good. */
  run(): Promise<number> {
    return new Promise((resolve) => {
      this.#onEnded = resolve;
      for (const member of this.#members) this.#start(member);
    });
  }

  /** Stops every process. What does not end in time, or at a second call, is killed. */
  stop(exitCode: number): void {
    if (this.#isStopping) {
      this.#signalAll('SIGKILL');
      return;
    }
    this.#isStopping = true;
    this.#exitCode = exitCode;
    for (const member of this.#members) clearTimeout(member.restartTimer);
    this.#signalAll('SIGTERM');
    setTimeout(() => this.#killLate(), STOP_MS_MAX).unref();
    this.#endIfAlone();
  }

  #start(member: Member): void {
    member.child = startChild(member.node, this.#options.program, {
      onReport: (report) => this.#onReport(member, report),
      onExit: (exit) => this.#onExit(member, exit),
    });
    this.#update(member, { pid: member.child.pid, report: undefined, ended: undefined });
    this.#writePids();
  }

  #onReport(member: Member, report: NodeReport): void {
    if (member.child === undefined) return;
    this.#update(member, { report });
  }

  #onExit(member: Member, exit: ChildExit): void {
    const { child, view } = member;
    member.child = undefined;
    this.#writePids();
    if (this.#isStopping) {
      this.#update(member, { pid: undefined, report: undefined, ended: 'stopped' });
      this.#endIfAlone();
      return;
    }
    const how = describeExit(exit);
    this.#options.screen.line(`node ${view.id} (pid ${view.pid}) ${how}`);
    if (view.report === undefined) this.#showLog(member.node);
    this.#update(member, { pid: undefined, report: undefined, ended: how });
    this.#afterExit(member, child, view.report);
  }

  /** @param report the last one of the process that ended */
  #afterExit(member: Member, child: ChildNode | undefined, report: NodeReport | undefined): void {
    if (this.#options.whenChildEnds === 'restart') {
      // Who served has not failed to start: somebody killed it, and wants to see it come back.
      if (report?.isServing === true) member.restartMs = RESTART_MS_MIN;
      this.#restartLater(member, child);
    } else if (report === undefined && !this.#wasReady) {
      this.#options.screen.line(`node ${member.view.id} failed to start; stopping the others`);
      this.stop(1);
    } else if (this.#members.every((other) => other.child === undefined)) {
      this.#options.screen.line('no node is left');
      this.stop(1);
    }
  }

  #restartLater(member: Member, child: ChildNode | undefined): void {
    const livedMs = child === undefined ? 0 : performance.now() - child.startedMs;
    const isYoung = livedMs < LIVED_MS_MIN;
    const delayMs = isYoung ? member.restartMs : RESTART_MS_MIN;
    member.restartMs = isYoung ? Math.min(RESTART_MS_MAX, 2 * delayMs) : RESTART_MS_MIN;
    member.restartTimer = setTimeout(() => {
      this.#start(member);
      this.#options.screen.line(`node ${member.view.id} (pid ${member.view.pid}) was restarted`);
    }, delayMs);
  }

  #showLog(node: DevNode): void {
    this.#options.screen.line(`the end of ${node.logFile}:`);
    for (const line of lastLines(node.logFile, LOG_LINES_SHOWN)) {
      this.#options.screen.line(`    ${line}`);
    }
  }

  /** Changes what is known of a member and shows what that changes. */
  #update(member: Member, change: Partial<NodeView>): void {
    const before = this.#views();
    member.view = { ...member.view, ...change };
    const after = this.#views();
    this.#options.screen.table(tableOf(after));
    if (!this.#isStopping) this.#showChanges(before, after);
  }

  #showChanges(before: readonly NodeView[], after: readonly NodeView[]): void {
    for (const line of changesBetween(before, after)) this.#options.screen.line(line);
    const leader = leaderOf(after);
    if (this.#wasReady || leader === undefined || !isReady(after)) return;
    this.#wasReady = true;
    const clients = clientsOf(this.#options.nodes);
    this.#options.screen.line(`cluster ready: leader ${leader.id}, clients ${clients}`);
  }

  #views(): readonly NodeView[] {
    return this.#members.map((member) => member.view);
  }

  #signalAll(signal: NodeJS.Signals): void {
    for (const { child } of this.#members) child?.kill(signal);
  }

  #killLate(): void {
    for (const { child, view } of this.#members) {
      if (child === undefined) continue;
      this.#options.screen.line(`node ${view.id} (pid ${view.pid}) does not stop and is killed`);
      child.kill('SIGKILL');
    }
  }

  #writePids(): void {
    const pids = new Map<number, number>();
    for (const { child, node } of this.#members) if (child) pids.set(node.id, child.pid);
    writePids(this.#options.directory, pids);
  }

  #endIfAlone(): void {
    if (this.#members.some(({ child }) => child !== undefined)) return;
    removePids(this.#options.directory);
    this.#onEnded(this.#exitCode);
  }
}
