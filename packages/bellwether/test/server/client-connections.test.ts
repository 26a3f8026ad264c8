import { describe, expect, it } from 'vitest';
import { ClientConnections } from '../../src/server/client-connections.ts';
import type { Connection } from '../../src/server/connection.ts';

/** A connection whose client has so much to take. */
function withUnsent(writableLength: number): Connection {
  return { socket: { writableLength } } as unknown as Connection;
}

function connectionsOf(...unsentBytes: readonly number[]) {
  const connections = new ClientConnections();
  const all = unsentBytes.map(withUnsent);
  for (const each of all) connections.add(each);
  return { connections, all };
}

describe('clients that do not take their replies', () => {
  it('are let be as long as all together have little to take', () => {
    expect(connectionsOf(40, 0, 60).connections.slowest(100)).toEqual([]);
  });

  it('are named, those with the most to take first, until the others have little', () => {
    const { connections, all } = connectionsOf(10, 70, 0, 40, 30);
    expect(connections.slowest(100)).toEqual([all[1]]);
    expect(connections.slowest(60)).toEqual([all[1], all[3]]);
    expect(connections.slowest(0)).toEqual([all[1], all[3], all[4], all[0]]);
  });
});
