import { run } from './commands.ts';
import { newName, removeNamespace } from './leftovers.ts';
import type { Place } from './loss.ts';

/** Reserved for measurements of network devices (RFC 2544), so nobody has it in use. */
const PREFIX = '198.18';
const SUBNETS = 256;
const ATTEMPTS_MAX = 50;
const ROUTER_HOST = 250;
const CLIENTS_HOST = 254;
/** Of a network. */
export const HOSTS_MAX = ROUTER_HOST - 1;

/** One cable between the router and a host. */
interface Cable {
  readonly host: number;
  /** Where the host is: arguments of `ip` that name its namespace. */
  readonly at: readonly string[];
  /** The host's end. */
  readonly device: string;
  /** The router's end. */
  readonly port: string;
}

/** Namespaces, cables, addresses and routes of a network: a star of hosts around a router. */
export class Topology {
  readonly router: string;
  readonly #name = newName();
  #subnet = 0;

  constructor() {
    this.router = `${this.#name}-r`;
  }

  /** The namespace of a host. */
  namespaceOf(host: number): string {
    return `${this.#name}-${host}`;
  }

  addressOf(place: Place): string {
    return this.#address(place === 'clients' ? CLIENTS_HOST : place);
  }

  /** The router's end of a host's cable. */
  portOf(host: number): string {
    return `host${host}`;
  }

  /** @throws with the command that failed and why */
  build(hosts: readonly number[]): void {
    run('ip', ['netns', 'add', this.router]);
    this.#set('ip_forward', 1);
    this.#set('conf/all/rp_filter', 0);
    this.#set('conf/default/rp_filter', 0);
    this.#addClients();
    for (const host of hosts) this.#addHost(host);
  }

  destroy(hosts: readonly number[]): void {
    for (const host of hosts) removeNamespace(this.namespaceOf(host));
    // With the router goes the machine's cable to it, and with that the route.
    removeNamespace(this.router);
  }

  /** The kernel forgets the route over a cable that was pulled out. */
  routeTo(host: number): readonly string[] {
    const port = this.portOf(host);
    return ['-n', this.router, 'route', 'replace', `${this.#address(host)}/32`, 'dev', port];
  }

  #set(setting: string, value: number): void {
    const line = `echo ${value} > /proc/sys/net/ipv4/${setting}`;
    run('ip', ['netns', 'exec', this.router, 'sh', '-c', line]);
  }

  #addClients(): void {
    const device = `${this.#name}c`;
    const port = 'clients';
    run('ip', ['link', 'add', device, 'type', 'veth', 'peer', 'name', port, 'netns', this.router]);
    run('ip', ['link', 'set', device, 'up']);
    this.#takeSubnet(device);
    this.#connect({ host: CLIENTS_HOST, at: [], device, port });
  }

  /** A machine has one route to a subnet, so whoever can add it has the subnet to itself. */
  #takeSubnet(device: string): void {
    for (let attempt = 1; ; attempt += 1) {
      this.#subnet = Math.floor(Math.random() * SUBNETS);
      try {
        run('ip', ['route', 'add', this.#everybody, 'dev', device]);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  #addHost(host: number): void {
    const namespace = this.namespaceOf(host);
    const at = ['-n', namespace];
    const device = 'eth0';
    const port = this.portOf(host);
    run('ip', ['netns', 'add', namespace]);
    const peer = ['peer', 'name', device, 'netns', namespace];
    run('ip', ['-n', this.router, 'link', 'add', port, 'type', 'veth', ...peer]);
    run('ip', [...at, 'link', 'set', 'lo', 'up']);
    run('ip', [...at, 'link', 'set', device, 'up']);
    this.#connect({ host, at, device, port });
  }

  /** Gives both ends their addresses, and the host the way to everybody else. */
  #connect({ host, at, device, port }: Cable): void {
    const own = this.#address(host);
    const router = this.#address(ROUTER_HOST);
    run('ip', [...at, 'addr', 'add', `${own}/32`, 'dev', device]);
    run('ip', [...at, 'route', 'add', `${router}/32`, 'dev', device]);
    const way = ['via', router, 'dev', device, 'src', own];
    run('ip', [...at, 'route', 'replace', this.#everybody, ...way]);
    const inRouter = ['-n', this.router];
    run('ip', [...inRouter, 'addr', 'add', `${router}/32`, 'dev', port]);
    run('ip', [...inRouter, 'link', 'set', port, 'up']);
    run('ip', [...inRouter, 'route', 'replace', `${own}/32`, 'dev', port]);
  }

  get #everybody(): string {
    return `${PREFIX}.${this.#subnet}.0/24`;
  }

  #address(host: number): string {
    return `${PREFIX}.${this.#subnet}.${host}`;
  }
}
