import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { ErrorCode, Permission } from '@bellwether/protocol';
import type { TestServer } from '../server/support/test-server.ts';
import { dataOf, type TestClient } from '../server/support/test-client.ts';

const HOME = '/bystander';

/** A client that behaves, and that must be served as if nobody else was there. */
export class Bystander {
  readonly #client: TestClient;
  #round = 0;

  private constructor(client: TestClient) {
    this.#client = client;
  }

  /** What it makes is closed to everybody else. */
  static async join(server: TestServer): Promise<Bystander> {
    const client = await server.client();
    await client.auth('digest', 'bystander:secret');
    const acls = [{ perms: Permission.all, scheme: 'auth', id: '' }];
    strictEqual((await client.create(HOME, 'home', 0, acls)).error, ErrorCode.ok);
    // Nobody can delete a znode that has children.
    strictEqual((await client.create(`${HOME}/anchor`, '', 0, acls)).error, ErrorCode.ok);
    return new Bystander(client);
  }

  /** @throws Error when anything is not as it would be without the others */
  async lives(): Promise<void> {
    const client = this.#client;
    const path = `${HOME}/${this.#round++}`;
    const replies = await Promise.all([
      client.create(path, 'one', 1),
      client.setData(path, 'two'),
      client.getData(path, true),
      client.delete(path),
      client.exists(path),
      client.ping(),
    ]);
    const errors = replies.map((reply) => reply.error);
    deepStrictEqual(errors, [0, 0, 0, 0, ErrorCode.noNode, 0]);
    strictEqual(dataOf(replies[2]).data, 'two');
    strictEqual(client.events.length, 1, 'the event of its watch, and no other');
    client.arrived.length = 0;
  }
}
