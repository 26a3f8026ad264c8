#!/usr/bin/env node
import { isFirstProcess, startSecond } from './cli/first-process.ts';

const args = process.argv.slice(2);
const exitCode = isFirstProcess(args, process.env)
  ? await startSecond(args)
  : await (await import('./cli/run.ts')).run(args);
// A channel to a parent, a worker or a socket that was left open must not keep a failed start alive.
process.exit(exitCode);
