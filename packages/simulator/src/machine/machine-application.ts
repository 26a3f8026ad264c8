import type { StateMachine } from '@bellwether/cluster';
import type { Application } from '../application.ts';
import { Violation } from '../invariants/violation.ts';
import { MachineClients } from './machine-clients.ts';
import { MachineLog } from './machine-log.ts';
import type { MachineTest } from './machine-options.ts';
import { MachineService } from './machine-service.ts';

/** A user's state machine as what is replicated, and a workload as those who use it. For one run. */
export function machineApplication<
  Command,
  Result,
  Query,
  Answer,
  Machine extends StateMachine<Command, Result, Query, Answer>,
>(test: MachineTest<Command, Result, Query, Answer, Machine>): Application {
  const log = new MachineLog();
  const checks = Object.entries(test.invariants ?? {});
  const checkState = (machine: Machine): void => {
    for (const [name, holds] of checks) checkInvariant(name, () => holds(machine));
  };
  return {
    name: 'stateMachine',
    createService: (place) =>
      new MachineService<Query>({
        ...{ place, log },
        create: () => test.stateMachine(),
        checkState: (machine) => checkState(machine as Machine),
      }),
    createClients: (stage) => new MachineClients(test, log, stage),
  };
}

function checkInvariant(name: string, holds: () => unknown): void {
  let reason = '';
  try {
    if (holds() !== false) return;
  } catch (error) {
    reason = `: ${error instanceof Error ? error.message : String(error)}`;
  }
  throw new Violation(`stateMachine.invariant ${name}`, `it does not hold${reason}`);
}
