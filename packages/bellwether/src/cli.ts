#!/usr/bin/env node
import { run } from './cli/run.ts';

const exitCode = await run(process.argv.slice(2));
// A channel to a parent, a worker or a socket that was left open must not keep a failed start alive.
process.exit(exitCode);
