import type { Application } from '../application.ts';
import { KeptSessions } from './kept-sessions.ts';
import { ZookeeperClients } from './zookeeper-clients.ts';
import { ZookeeperService } from './zookeeper-service.ts';

/** The whole node: sessions, znodes and watches, used by clients that move between the nodes. */
export function zookeeperApplication(): Application {
  let sessions: KeptSessions | undefined;
  return {
    name: 'zookeeper',
    createService: (place) => {
      if (sessions === undefined) throw new Error('the stage is set before anybody enters it');
      return new ZookeeperService(place, sessions);
    },
    createClients: (stage) => {
      sessions = new KeptSessions(stage);
      return new ZookeeperClients(stage, sessions);
    },
  };
}
