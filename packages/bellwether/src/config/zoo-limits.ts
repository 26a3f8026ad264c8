import type { AdminConfig, LimitsConfig } from '../node-config.ts';
import { SERVER_LIMITS } from '../server/limits.ts';
import {
  ADMIN_ADDRESS_DEFAULT,
  ADMIN_PATH_DEFAULT,
  ADMIN_PORT_DEFAULT,
  LIMITS_DEFAULT,
} from './defaults.ts';
import type { Findings } from './findings.ts';
import { CONTAINER_CHECK_MS_MIN, isAdminPath, isHost, PORT_MAX } from './settings-schema.ts';
import type { ZooSettings } from './zoo-settings.ts';

const INT_MAX = 2 ** 31 - 1;

/** Limits of a `zoo.cfg`. Where ZooKeeper's 0 or -1 means "no limit", ours holds. */
export function readZooLimits(settings: ZooSettings): LimitsConfig {
  return {
    ...LIMITS_DEFAULT,
    connectionsPerAddressMax:
      settings.whole('maxClientCnxns', 0, INT_MAX) ?? LIMITS_DEFAULT.connectionsPerAddressMax,
    connectionsMax: settings.whole('maxCnxns', 0, INT_MAX) || LIMITS_DEFAULT.connectionsMax,
    frameBytesMax:
      settings.whole('jute.maxbuffer', 1_024, SERVER_LIMITS.frameBytesMaxMax) ??
      LIMITS_DEFAULT.frameBytesMax,
    outstandingMax: readOutstandingMax(settings),
    containerCheckMs:
      settings.whole('znode.container.checkIntervalMs', CONTAINER_CHECK_MS_MIN, INT_MAX) ??
      LIMITS_DEFAULT.containerCheckMs,
    containerNeverUsedMsMax:
      settings.whole('znode.container.maxNeverUsedIntervalMs', 0, INT_MAX) ??
      LIMITS_DEFAULT.containerNeverUsedMsMax,
    quotas: isTrue(settings, 'enforceQuota') ? 'enforced' : 'reported',
  };
}

/** More than one connection may have, or a single one would stop all. */
function readOutstandingMax(settings: ZooSettings): number {
  const wanted = settings.whole('globalOutstandingLimit', 1, INT_MAX);
  if (wanted === undefined) return LIMITS_DEFAULT.outstandingMax;
  return Math.max(wanted, SERVER_LIMITS.outstandingPerConnectionMax + 1);
}

export function readZooReadOnly(settings: ZooSettings): 'refused' | 'served' {
  return isTrue(settings, 'readonlymode.enabled') ? 'served' : 'refused';
}

/**
 * ZooKeeper has its admin server unless it is switched off. It tells everybody much, so here it has
 * to be asked for: by its switch, or by its port.
 */
export function readZooAdmin(settings: ZooSettings, findings: Findings): AdminConfig | undefined {
  const port = settings.whole('admin.serverPort', 0, PORT_MAX);
  const isSwitchedOff = settings.text('admin.enableServer')?.value.toLowerCase() === 'false';
  const isAskedFor = isTrue(settings, 'admin.enableServer') || port !== undefined;
  if (isSwitchedOff || !isAskedFor) return undefined;
  const address = settings.text('admin.serverAddress');
  if (address !== undefined && !isHost(address.value)) {
    const what = `admin.serverAddress is "${address.value}"`;
    findings.error(address.place, what, 'it must be a host name or an IP address');
  }
  const path = settings.text('admin.commandURL');
  if (path !== undefined && !isAdminPath(path.value)) {
    const what = `admin.commandURL is "${path.value}"`;
    findings.error(path.place, what, 'it must be a path like /commands');
  }
  return {
    address: address?.value ?? ADMIN_ADDRESS_DEFAULT,
    port: port ?? ADMIN_PORT_DEFAULT,
    commandPath: path?.value ?? ADMIN_PATH_DEFAULT,
    changes: 'local',
  };
}

function isTrue(settings: ZooSettings, key: string): boolean {
  return settings.text(key)?.value.toLowerCase() === 'true';
}
