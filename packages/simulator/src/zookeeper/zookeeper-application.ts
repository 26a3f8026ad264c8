import type { Application } from '../application.ts';
import { ZookeeperClients } from './zookeeper-clients.ts';
import { ZookeeperService } from './zookeeper-service.ts';

/** The whole node: sessions, znodes and watches, used by clients that move between the nodes. */
export function zookeeperApplication(): Application {
  return {
    name: 'zookeeper',
    createService: (place) => new ZookeeperService(place),
    createClients: (stage) => new ZookeeperClients(stage),
  };
}
