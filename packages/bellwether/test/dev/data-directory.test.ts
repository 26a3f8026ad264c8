import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { numberOfNodes, prepareDirectory, writePids } from '../../src/dev/data-directory.ts';
import { layOut } from '../../src/dev/dev-layout.ts';
import { awaitLeftovers } from '../../src/dev/leftovers.ts';
import { checkPorts } from '../../src/dev/ports.ts';
import { scratchDirectory } from '../support/scratch.ts';

describe('the number of nodes', () => {
  test('is three unless another one is asked for', () => {
    const directory = scratchDirectory();
    expect(numberOfNodes(directory, undefined)).toBe(3);
    expect(numberOfNodes(directory, 5)).toBe(5);
  });

  test('is remembered with the data', () => {
    const directory = scratchDirectory();
    prepareDirectory(directory, layOut(5, 3000, directory));
    expect(numberOfNodes(directory, undefined)).toBe(5);
    expect(numberOfNodes(directory, 5)).toBe(5);
    expect(() => numberOfNodes(directory, 3)).toThrow(
      /holds the data of 5 nodes: start it with --nodes 5, or give another directory with --data/,
    );
  });

  test.each(['', '{}', '{"nodes": "3"}'])('%j is not what was written there', (text) => {
    const directory = scratchDirectory({ 'cluster.json': text });
    expect(() => numberOfNodes(directory, 3)).toThrow(/cluster\.json is damaged/);
  });
});

describe('the layout', () => {
  test('has the ports of the nodes behind those of the clients', () => {
    const ports = layOut(3, 2181, 'd').map(({ clientPort, peerPort }) => [clientPort, peerPort]);
    expect(ports).toEqual([
      [2181, 2184],
      [2182, 2185],
      [2183, 2186],
    ]);
  });

  test('must fit below the highest port', () => {
    expect(() => layOut(3, 65_531, 'd')).toThrow('need ports up to 65536');
    expect(layOut(3, 65_530, 'd')).toHaveLength(3);
  });

  test('the settings that are written for the nodes are good ones', () => {
    const directory = scratchDirectory();
    const nodes = layOut(3, 2181, directory);
    prepareDirectory(directory, nodes);
    const { config, warnings } = loadConfig(nodes[1]?.configFile ?? '');
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      nodeId: 2,
      clusterId: 'dev',
      dataDir: join(directory, 'node-2', 'data'),
      client: { address: '127.0.0.1', port: 2182 },
      peerListen: { address: '127.0.0.1', port: 2185 },
      limits: { connectionsPerAddressMax: 0 },
    });
    expect(config.members.map((member) => member.port)).toEqual([2184, 2185, 2186]);
    expect(config.fourLetterWords).toEqual(expect.arrayContaining(['mntr', 'ruok', 'stat']));
  });
});

describe('ports', () => {
  async function takenPort(): Promise<number> {
    const server = createServer();
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  test('one that is taken is named, with --port', async () => {
    const port = await takenPort();
    const nodes = [{ ...layOut(1, 1024, 'd')[0]!, clientPort: port, peerPort: port }];
    await expect(checkPorts(nodes)).rejects.toThrow(
      new RegExp(
        `^ports ${port} \\(clients of node 1\\), ${port} \\(node 1 itself\\) are already in use: ` +
          'choose others with --port',
      ),
    );
  });
});

describe('processes of an earlier run', () => {
  const nodes = layOut(1, 2181, 'd');

  test('that have ended are no obstacle, nor is another process with their id', async () => {
    const directory = scratchDirectory();
    await awaitLeftovers(directory, nodes);
    writePids(directory, new Map([[1, process.pid]]));
    await awaitLeftovers(directory, nodes);
  });

  test('are waited for while they end', async () => {
    const directory = scratchDirectory();
    const script = 'process.send(1); process.on("message", () => process.exit())';
    const args = ['-e', script, '--', nodes[0]!.configFile];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'message');
    writePids(directory, new Map([[1, child.pid ?? 0]]));
    let hasWaited = false;
    const waiting = awaitLeftovers(directory, nodes).then(() => (hasWaited = true));
    await Promise.resolve();
    expect(hasWaited).toBe(false);
    child.send('end');
    await waiting;
  });
});
