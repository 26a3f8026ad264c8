import { describe, expect, it } from 'vitest';
import { bothWays, firewallFor, type Loss } from '../src/loss.ts';

const addressOf = (place: number | 'clients'): string => `10.0.0.${place}`;

/** The rules for packets that are passed on. */
function rulesFor(losses: readonly Loss[]): readonly string[] {
  const lines = firewallFor(losses, addressOf).split('\n');
  return lines.filter((line) => line.startsWith('-A FORWARD'));
}

describe('the firewall of the router', () => {
  it('passes everything on when nothing is to be lost', () => {
    expect(rulesFor([])).toEqual([]);
  });

  it('cuts one way, both ways, a host from all, and clients from a host', () => {
    expect(rulesFor([{ from: 1, to: 2 }])).toEqual(['-A FORWARD -s 10.0.0.1 -d 10.0.0.2 -j DROP']);
    expect(rulesFor(bothWays(1, 'everywhere'))).toEqual([
      '-A FORWARD -s 10.0.0.1 -j DROP',
      '-A FORWARD -d 10.0.0.1 -j DROP',
    ]);
    expect(rulesFor([{ from: 'clients', to: 3 }])).toEqual([
      '-A FORWARD -s 10.0.0.clients -d 10.0.0.3 -j DROP',
    ]);
  });

  it('loses a share', () => {
    expect(rulesFor([{ from: 1, to: 'everywhere', share: 0.25 }])).toEqual([
      '-A FORWARD -s 10.0.0.1 -m statistic --mode random --probability 0.25 -j DROP',
    ]);
  });

  it('never says that a host is out of reach', () => {
    expect(firewallFor([], addressOf)).toContain('-A OUTPUT -p icmp -j DROP\n');
  });
});
