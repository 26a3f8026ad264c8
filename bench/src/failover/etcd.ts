/* etcd by the JSON form of its API, which needs no client library. */
import { Agent, request } from 'node:http';
import { ANSWER_TIMEOUT_MS } from '../limits.ts';
import type { Content, Register } from './register.ts';

interface KeyValue {
  readonly value: string;
  readonly version: string;
}

interface Status {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function post(host: string, path: string, body: object, agent?: Agent): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', timeout: ANSWER_TIMEOUT_MS, ...(agent && { agent }) };
    const asked = request(`http://${host}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode !== 200) return reject(new Error(`${response.statusCode} ${text}`));
        resolve(JSON.parse(text));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

/** One key, over one connection to one server. */
export class EtcdRegister implements Register {
  readonly #host: string;
  readonly #key: string;
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** @param host host:port */
  constructor(host: string, name: string) {
    this.#host = host;
    this.#key = base64(name);
  }

  async open(): Promise<void> {
    this.#agent.destroy();
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await post(this.#host, '/v3/maintenance/status', {}, this.#agent);
  }

  async write(value: string): Promise<number> {
    const body = { key: this.#key, value: base64(value), prev_kv: true };
    const answer = (await post(this.#host, '/v3/kv/put', body, this.#agent)) as {
      readonly prev_kv?: KeyValue;
    };
    return Number(answer.prev_kv?.version ?? 0) + 1;
  }

  async read(): Promise<Content> {
    const answer = (await post(this.#host, '/v3/kv/range', { key: this.#key }, this.#agent)) as {
      readonly kvs?: readonly KeyValue[];
    };
    const found = answer.kvs?.[0];
    if (found === undefined) return { version: 0, value: '' };
    const value = Buffer.from(found.value, 'base64').toString();
    return { version: Number(found.version), value };
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function statusOf(host: string): Promise<Status | undefined> {
  try {
    return (await post(host, '/v3/maintenance/status', {})) as Status;
  } catch {
    return undefined;
  }
}

/** leader or follower; undefined while it knows of no leader. */
export async function etcdRoleOf(host: string): Promise<string | undefined> {
  const status = await statusOf(host);
  if (status?.leader === undefined || status.leader === '0') return undefined;
  return status.leader === status.header.member_id ? 'leader' : 'follower';
}

/** Has the leader hand over to the next server. */
export async function transferEtcd(hosts: readonly string[], leader: number): Promise<void> {
  const target = await statusOf(hosts[(leader + 1) % hosts.length]!);
  if (target === undefined) throw new Error('a server of etcd does not answer');
  const body = { targetID: target.header.member_id };
  await post(hosts[leader]!, '/v3/maintenance/transfer-leadership', body);
}
