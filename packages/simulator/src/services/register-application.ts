import type { Application, ServicePlace, SimulatedService } from '../application.ts';
import { RegisterClients } from './register-clients.ts';
import { Register } from './register.ts';

/** The smallest thing that can be replicated: the consensus and nothing else. */
export function registerApplication(
  createService: (place: ServicePlace) => SimulatedService = () => new Register(),
): Application {
  return {
    name: 'register',
    createService,
    createClients: (stage) => new RegisterClients(stage),
  };
}
