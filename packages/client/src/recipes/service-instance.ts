/** One instance of a service, as its znode tells it. */
export interface ServiceInstance {
  /** The service. */
  readonly name: string;
  /** Of this instance, among those of the service. */
  readonly id: string;
  readonly address: string;
  readonly port: number | null;
  readonly sslPort: number | null;
  /** Whatever else there is to say; JSON. */
  readonly payload: unknown;
  /** ms since 1970. */
  readonly registrationTimeUTC: number;
  /** False: it is there, but wants no calls. */
  readonly enabled: boolean;
}

/** In the JSON of Curator's service discovery. */
export function encodeInstance(instance: ServiceInstance): string {
  const { name, id, address, port, sslPort, payload, registrationTimeUTC, enabled } = instance;
  return JSON.stringify({
    name,
    id,
    address,
    port,
    sslPort,
    payload,
    registrationTimeUTC,
    serviceType: 'DYNAMIC',
    uriSpec: null,
    enabled,
  });
}

/** undefined for what is none: one broken znode does not hide the others. */
export function decodeInstance(data: Buffer): ServiceInstance | undefined {
  let json: Partial<Record<keyof ServiceInstance, unknown>>;
  try {
    json = JSON.parse(data.toString()) as typeof json;
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const { name, id, address, port, sslPort, payload, registrationTimeUTC, enabled } = json;
  if (typeof name !== 'string' || typeof id !== 'string') return undefined;
  return {
    name,
    id,
    address: typeof address === 'string' ? address : '',
    port: typeof port === 'number' ? port : null,
    sslPort: typeof sslPort === 'number' ? sslPort : null,
    payload: payload ?? null,
    registrationTimeUTC: typeof registrationTimeUTC === 'number' ? registrationTimeUTC : 0,
    enabled: enabled !== false,
  };
}
