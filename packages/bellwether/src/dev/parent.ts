import type { RunningServer } from '../server/server.ts';
import type { NodeReport } from './node-report.ts';

/** How often figures that change with every write are looked at. */
const FIGURES_INTERVAL_MS = 250;

/**
 * Reports to the parent process: at once when the returned function is called, which a change of
 * leadership is to do, and the figures when they have changed, a few times a second.
 */
export function reportToParent(server: RunningServer): () => void {
  let last = '';
  const report = (): void => {
    const message: NodeReport = {
      type: 'report',
      clientAddress: server.clientAddress,
      ...server.status(),
    };
    const text = JSON.stringify(message);
    if (text === last) return;
    last = text;
    send(message);
  };
  setInterval(report, FIGURES_INTERVAL_MS).unref();
  report();
  return report;
}

function send(message: NodeReport): void {
  if (!process.connected) return;
  // A parent that is just going away is noticed by its `disconnect`; there is nothing to do here.
  process.send?.(message, undefined, undefined, () => undefined);
}
