import { run, runLater } from './commands.ts';
import { removeLeftovers } from './leftovers.ts';
import { firewallFor, type Loss, type Place } from './loss.ts';
import { HOSTS_MAX, Topology } from './topology.ts';

/** Undoes one fault, and no other. */
export type Heal = () => Promise<void>;

/** How packets to a host are held up: by netem where the kernel has it, by a narrow link otherwise. */
export interface Slowness {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly kbitPerSecond: number;
}

type Slowing = 'netem' | 'tbf';

const live = new Set<Network>();
process.on('exit', () => live.forEach((network) => network.destroy()));

/**
 * Hosts with a network of their own each: network namespaces around one more that routes between them
 * and this machine. All packets pass the router, so its firewall makes every cut, and that of the
 * machine is not touched. Linux, as root; `whyNoNetworks` says what is missing. Nothing is left behind:
 * what a process that was killed could not remove, the next one does.
 */
export class Network {
  /** Their numbers, from 1. */
  readonly hosts: readonly number[];
  readonly #topology = new Topology();
  readonly #losses = new Set<readonly Loss[]>();
  readonly #slowing: Slowing | undefined;
  /** Who slows each host down: the newest one only. */
  readonly #slowed = new Map<number, symbol>();
  #inOrder: Promise<unknown> = Promise.resolve();

  private constructor(hosts: number) {
    this.hosts = Array.from({ length: hosts }, (_, i) => i + 1);
    live.add(this);
    try {
      this.#topology.build(this.hosts);
      run('ip', this.#onRouter('iptables-restore'), this.#firewall);
      this.#slowing = this.#findSlowing();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** @throws with the command that failed and why */
  static create(hosts: number): Network {
    if (hosts < 1 || hosts > HOSTS_MAX)
      throw new RangeError(`1 to ${HOSTS_MAX} hosts, not ${hosts}`);
    removeLeftovers();
    return new Network(hosts);
  }

  addressOf(place: Place): string {
    return this.#topology.addressOf(place);
  }

  /** The command that runs `command` on a host. It becomes that very process, with the same id. */
  commandOn(host: number, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.#topology.namespaceOf(host), ...command];
  }

  /** What is behind `slow` here; undefined when the kernel has nothing for it. */
  get slowing(): Slowing | undefined {
    return this.#slowing;
  }

  /** Packets are lost from now on, without a word to anybody. */
  async lose(losses: readonly Loss[]): Promise<Heal> {
    const own = [...losses];
    this.#losses.add(own);
    await this.#applyLosses();
    return async () => {
      if (this.#losses.delete(own)) await this.#applyLosses();
    };
  }

  /** Pulls a host's cable out. The host itself notices that, nobody else does. */
  async takeDown(host: number): Promise<Heal> {
    const port = this.#topology.portOf(host);
    const set = ['-n', this.#topology.router, 'link', 'set', port];
    await this.#later('ip', [...set, 'down']);
    return async () => {
      await this.#later('ip', [...set, 'up']);
      await this.#later('ip', this.#topology.routeTo(host));
    };
  }

  /** Holds up what is sent to a host, in place of how it was held up before. @throws where `slowing` is undefined */
  async slow(host: number, { delayMs, jitterMs, kbitPerSecond }: Slowness): Promise<Heal> {
    if (this.#slowing === undefined) throw new Error('this kernel has neither netem nor tbf');
    const how =
      this.#slowing === 'netem'
        ? ['netem', 'delay', `${delayMs}ms`, `${jitterMs}ms`]
        : ['tbf', 'rate', `${kbitPerSecond}kbit`, 'burst', '4kb', 'limit', '256kb'];
    const device = ['dev', this.#topology.portOf(host), 'root'];
    const qdisc = ['-n', this.#topology.router, 'qdisc'];
    const own = Symbol('slowness');
    this.#slowed.set(host, own);
    await this.#later('tc', [...qdisc, 'replace', ...device, ...how]);
    return async () => {
      if (this.#slowed.get(host) !== own) return;
      this.#slowed.delete(host);
      await this.#later('tc', [...qdisc, 'del', ...device]);
    };
  }

  /** Ends what runs on the hosts, and removes everything. */
  destroy(): void {
    live.delete(this);
    this.#topology.destroy(this.hosts);
  }

  get #firewall(): string {
    return firewallFor([...this.#losses].flat(), (place) => this.addressOf(place));
  }

  /** The rules that hold when it is this one's turn: all at once, whatever they were before. */
  #applyLosses(): Promise<void> {
    return this.#later('ip', this.#onRouter('iptables-restore'), () => this.#firewall);
  }

  #onRouter(...command: readonly string[]): readonly string[] {
    return ['netns', 'exec', this.#topology.router, ...command];
  }

  #later(program: string, args: readonly string[], input?: () => string): Promise<void> {
    const done = this.#inOrder.then(async () => void (await runLater(program, args, input?.())));
    this.#inOrder = done.catch(() => undefined);
    return done;
  }

  #findSlowing(): Slowing | undefined {
    const qdisc = ['-n', this.#topology.router, 'qdisc'];
    const device = ['dev', 'lo', 'root'];
    const kinds = {
      netem: ['delay', '1ms'],
      tbf: ['rate', '1mbit', 'burst', '4kb', 'limit', '4kb'],
    } as const;
    return (['netem', 'tbf'] as const).find((kind) => {
      try {
        run('tc', [...qdisc, 'add', ...device, kind, ...kinds[kind]]);
        run('tc', [...qdisc, 'del', ...device]);
        return true;
      } catch {
        return false;
      }
    });
  }
}
