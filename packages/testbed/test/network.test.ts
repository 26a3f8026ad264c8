import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../src/commands.ts';
import { bothWays } from '../src/loss.ts';
import { Network } from '../src/network.ts';
import { whyNoNetworks } from '../src/requirements.ts';
import { SmallDisk } from '../src/small-disk.ts';

const PORT = 7000;
/** Longer than anything takes that arrives at all. */
const SILENT_MS = 400;
/** On a host: says that it listens, and answers whoever asks. */
const SERVER = `require('node:net').createServer((s) => s.on('error', () => {}).end('hello')).listen(
  ${PORT}, '0.0.0.0', () => console.log('listening'))`;
/** On a host: what became of asking there. */
const asking = (host: string): string =>
  `const s = require('node:net').connect(${PORT}, '${host}');
  s.on('data', (text) => { console.log(String(text)); process.exit(); });
  s.on('error', (error) => { console.log(error.code); process.exit(); });
  setTimeout(() => { console.log('silence'); process.exit(); }, ${SILENT_MS});`;

/** What becomes of a connection to there: what is answered, an error, or silence. */
function ask(host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(PORT, host);
    socket.on('data', (text) => (resolve(String(text)), socket.destroy()));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.setTimeout(SILENT_MS, () => (resolve('silence'), socket.destroy()));
  });
}

/** Whoever has ended and was waited for by nobody is a zombie. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'));
}

const namespaces = (): string => run('ip', ['netns', 'list']);
const reason = whyNoNetworks();
const title = `a network${reason === undefined ? '' : ` (skipped: ${reason})`}`;

describe.skipIf(reason !== undefined)(title, () => {
  let network: Network;
  let servers: readonly ChildProcess[];

  beforeEach(async () => {
    network = Network.create(2);
    servers = await Promise.all(network.hosts.map((host) => serve(host)));
  });
  afterEach(() => {
    servers.forEach((server) => server.kill('SIGKILL'));
    network.destroy();
  });

  async function serve(host: number): Promise<ChildProcess> {
    const [program, ...args] = network.commandOn(host, [process.execPath, '-e', SERVER]);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  }

  /** What host `from` hears when it asks host `to`. */
  async function askFrom(from: number, to: number): Promise<string> {
    const code = asking(network.addressOf(to));
    const [program, ...args] = network.commandOn(from, [process.execPath, '-e', code]);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    return String(text).trim();
  }

  it('carries everything at first', async () => {
    expect(await ask(network.addressOf(1))).toBe('hello');
    expect(await askFrom(1, 2)).toBe('hello');
    expect(await askFrom(2, 1)).toBe('hello');
  });

  it('loses what is on its way between two hosts, silently, until that is healed', async () => {
    const heal = await network.lose(bothWays(1, 2));
    expect(await askFrom(1, 2)).toBe('silence');
    expect(await ask(network.addressOf(2))).toBe('hello');
    await heal();
    expect(await askFrom(1, 2)).toBe('hello');
  });

  it('cuts a host off from everybody, while other cuts come and go', async () => {
    const heal = await network.lose(bothWays(1, 'everywhere'));
    const healOther = await network.lose([{ from: 2, to: 'clients' }]);
    expect(await ask(network.addressOf(1))).toBe('silence');
    expect(await askFrom(2, 1)).toBe('silence');
    await healOther();
    expect(await ask(network.addressOf(2))).toBe('hello');
    expect(await ask(network.addressOf(1))).toBe('silence');
    await heal();
    expect(await ask(network.addressOf(1))).toBe('hello');
  });

  it('pulls a cable out and puts it back', async () => {
    const heal = await network.takeDown(2);
    expect(await ask(network.addressOf(2))).toBe('silence');
    await heal();
    expect(await ask(network.addressOf(2))).toBe('hello');
    expect(await askFrom(2, 1)).toBe('hello');
  });

  it('runs the very process that it was asked to run', () => {
    const comm = readFileSync(`/proc/${servers[0]?.pid}/comm`, 'utf8');
    expect(comm.trim()).toBe('node');
  });

  it('stays beside another one, each with hosts of its own', async () => {
    const other = Network.create(1);
    try {
      expect(other.addressOf(1)).not.toBe(network.addressOf(1));
      expect(await ask(other.addressOf(1))).toBe('ECONNREFUSED');
      expect(await ask(network.addressOf(1))).toBe('hello');
    } finally {
      other.destroy();
    }
  });

  it('is gone with what ran in it', async () => {
    const ended = Promise.all(servers.map((server) => once(server, 'exit')));
    network.destroy();
    await ended;
    expect(namespaces()).not.toContain(`bw${process.pid}.`);
  });
});

describe.skipIf(reason !== undefined)(`what a process leaves behind that was killed`, () => {
  it('is removed by the next one: namespaces, what runs in them, small disks', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bellwether-disk-'));
    const index = new URL('../dist/index.js', import.meta.url).href;
    const code = `
      import { spawn } from 'node:child_process';
      const { Network, SmallDisk } = await import(process.argv[1]);
      const network = Network.create(1);
      new SmallDisk('${directory}', 1024 * 1024);
      const [program, ...args] = network.commandOn(1, ['sleep', '1000']);
      const { pid } = spawn(program, args, { stdio: 'ignore' });
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, index]);
    const [pid] = (await once(child.stdout, 'data')) as [Buffer];
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect(namespaces()).toContain(`bw${child.pid}.`);
    Network.create(1).destroy();
    expect(namespaces()).not.toContain(`bw${child.pid}.`);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(directory);
    await expect.poll(() => isRunning(Number(String(pid)))).toBe(false);
    rmdirSync(directory);
  });
});

describe.skipIf(reason !== undefined)('a small disk', () => {
  it('can be filled to the last byte, and emptied', () => {
    const directory = mkdtempSync(join(tmpdir(), 'bellwether-disk-'));
    const disk = new SmallDisk(directory, 1024 * 1024);
    const file = join(directory, 'file');
    writeFileSync(file, 'x');
    disk.fill();
    expect(() => writeFileSync(file, 'x'.repeat(5000))).toThrow('ENOSPC');
    disk.empty();
    writeFileSync(file, 'x'.repeat(5000));
    disk.remove();
    rmdirSync(directory);
  });
});
