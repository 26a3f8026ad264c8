// Stands in for `bellwether serve --supervised`: reports what the file "leader" beside the nodes'
// directories says, and nothing else. "fail" in that file makes it fail at its start.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

const configFile = process.argv.at(-1);
const { nodeId, client } = parse(readFileSync(configFile, 'utf8'));
const leaderFile = join(dirname(dirname(configFile)), 'leader');
let last = '';

function report() {
  const text = existsSync(leaderFile) ? readFileSync(leaderFile, 'utf8') : '1 1';
  if (text === 'fail') {
    console.error('fake node: told to fail');
    process.exit(3);
  }
  if (text === last) return;
  last = text;
  const [leaderId, term] = text.split(' ').map(Number);
  const role = leaderId === nodeId ? 'leader' : 'follower';
  const figures = { appliedIndex: 10, sessions: 0, isServing: leaderId > 0 };
  process.send({ type: 'report', clientAddress: client, role, term, leaderId, ...figures });
}

process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
report();
setInterval(report, 20);
