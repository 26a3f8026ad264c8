/** A host of the network by its number, from 1, or the machine itself, where the clients are. */
export type Place = number | 'clients';

/** Packets that do not arrive, of which nobody is told. */
export interface Loss {
  readonly from: Place | 'everywhere';
  readonly to: Place | 'everywhere';
  /** Of the packets, above 0 and at most 1. All when absent. */
  readonly share?: number;
}

/** Nothing from one of the two arrives at the other. */
export function bothWays(a: Loss['from'], b: Loss['from']): readonly Loss[] {
  return [
    { from: a, to: b },
    { from: b, to: a },
  ];
}

/** What the router's firewall has to be for these losses, as iptables-restore reads it. */
export function firewallFor(losses: readonly Loss[], addressOf: (place: Place) => string): string {
  const rules = losses.map(({ from, to, share = 1 }) => {
    const source = from === 'everywhere' ? '' : ` -s ${addressOf(from)}`;
    const target = to === 'everywhere' ? '' : ` -d ${addressOf(to)}`;
    const chance = share < 1 ? ` -m statistic --mode random --probability ${share}` : '';
    return `-A FORWARD${source}${target}${chance} -j DROP`;
  });
  return [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    // A router that says which hosts are out of reach would tell what a cut must not tell.
    '-A OUTPUT -p icmp -j DROP',
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}
