import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { DevNode } from './dev-layout.ts';
import { isNodeReport, type NodeReport } from './node-report.ts';

/** How a process ended: one of the two is there. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildEvents {
  onReport(report: NodeReport): void;
  onExit(exit: ChildExit): void;
}

/** One running process of the local cluster. */
export interface ChildNode {
  readonly pid: number;
  readonly startedMs: number;
  kill(signal: NodeJS.Signals): void;
}

/** The program that runs a node; its arguments go before the settings file. */
export interface NodeProgram {
  readonly args: readonly string[];
}

/**
 * Starts the process of `node`. What it prints goes straight to its log file: it needs no one to
 * read it, and nothing is lost when `bellwether dev` itself is killed. The channel to it has a
 * second use: its end tells the child that the parent is gone.
 */
export function startChild(node: DevNode, program: NodeProgram, events: ChildEvents): ChildNode {
  const log = openSync(node.logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [...program.args, node.configFile], {
      stdio: ['ignore', log, log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
  let hasEnded = false;
  const end = (exit: ChildExit): void => {
    if (hasEnded) return;
    hasEnded = true;
    events.onExit(exit);
  };
  child.on('message', (message) => {
    if (isNodeReport(message)) events.onReport(message);
  });
  child.on('exit', (code, signal) => end({ code, signal }));
  // It could not be started, or a signal could not be delivered to it.
  child.on('error', () => {
    if (child.pid === undefined) end({ code: 1, signal: null });
  });
  return {
    pid: child.pid ?? 0,
    startedMs: performance.now(),
    kill: (signal) => child.kill(signal),
  };
}

export function describeExit({ code, signal }: ChildExit): string {
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
}
