import { TestServer } from '../server/support/test-server.ts';
import { membersAskedFor } from '../../src/server/reconfig-request.ts';
import { SASL_USER, SUPER_USER, type Scenario } from './scenarios.ts';

const FOUNDER = 'server.1=127.0.0.1:2888:3888:participant;127.0.0.1:2181';
/** A node that has known no leader for so long serves read-only clients. */
const ALONE_MS = 2_000;

/** A server of this checkout that answers what was recorded in the scenario. */
export function startFor(scenario: Scenario): Promise<TestServer> {
  switch (scenario) {
    case 'operations':
      return TestServer.start({ quotas: 'enforced', reconfig: 'refused' });
    case 'reconfig':
      return startMember();
    case 'sasl':
      return TestServer.start({ saslUsers: new Map([[SASL_USER.name, SASL_USER.password]]) });
    case 'read-only':
      return startAlone();
    default:
      return scenario satisfies never;
  }
}

async function startMember(): Promise<TestServer> {
  const digest = { algorithm: 'SHA1', superUser: SUPER_USER } as const;
  const server = await TestServer.start({ digest });
  const founding = { joiningServers: null, leavingServers: null, newMembers: FOUNDER };
  const reading = membersAskedFor({ ...founding, curConfigId: -1 }, []);
  if ('mistake' in reading) throw new Error(reading.mistake);
  server.consensus.found(reading.members);
  return server;
}

async function startAlone(): Promise<TestServer> {
  const server = await TestServer.startLeaderless({ readOnly: 'served' });
  server.pass(ALONE_MS);
  return server;
}
