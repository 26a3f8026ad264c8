import { ClientError } from './errors.ts';
import {
  CONNECT_TIMEOUT_MS_DEFAULT,
  REPLY_BYTES_MAX_DEFAULT,
  REQUESTS_MAX_DEFAULT,
  REQUEST_TIMEOUT_MS_DEFAULT,
  SESSION_TIMEOUT_MS_DEFAULT,
  WATCHES_MAX_DEFAULT,
} from './limits.ts';
import type { TlsOptions } from './node-runtime.ts';
import type { Runtime } from './runtime.ts';

/** Something that proves who the client is. */
export interface Credential {
  /** `digest`, or another scheme that the servers know. */
  readonly scheme: string;
  /** In scheme digest: `user:password`. */
  readonly auth: string | Uint8Array;
}

/** Name and password for SASL DIGEST-MD5. */
export interface SaslCredential {
  readonly username: string;
  readonly password: string;
}

/** What a client can be told. All of it can be left out. */
export interface ClientOptions {
  /** Asked for; the servers have bounds of their own. Default: 10,000 ms. */
  readonly sessionTimeoutMs?: number;
  /** Of each request that names no other, waiting for a connection included. Default: 30,000 ms. */
  readonly requestTimeoutMs?: number;
  /** How long `Client.connect` tries. Default: 30,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Also take a server without a quorum, which answers reads only. Default: false. */
  readonly readOnly?: boolean;
  /** Presented on each connection, before anything else. */
  readonly auth?: readonly Credential[];
  /** SASL DIGEST-MD5, before anything else. */
  readonly sasl?: SaslCredential;
  /** TLS, with the options of `node:tls`: `ca`, `cert`, `key`, ... Default: plain TCP. */
  readonly tls?: TlsOptions;
  /** Requests at once; one more is refused with `tooMany`. Default: 100,000. */
  readonly requestsMax?: number;
  /** Watches at once; one more is refused with `tooMany`. Default: 1,000,000. */
  readonly watchesMax?: number;
  /** The longest reply. Default: 64 MiB. */
  readonly replyBytesMax?: number;
  /** The world outside: for tests and simulations. Default: sockets and timers of Node.js. */
  readonly runtime?: Runtime;
}

/** Options with nothing left out that has a default. */
export type SettledOptions = ClientOptions &
  Required<
    Pick<
      ClientOptions,
      | 'sessionTimeoutMs'
      | 'requestTimeoutMs'
      | 'connectTimeoutMs'
      | 'readOnly'
      | 'auth'
      | 'requestsMax'
      | 'watchesMax'
      | 'replyBytesMax'
    >
  >;

/** Fills in the defaults. Throws `badArguments` for a number that makes no sense. */
export function settleOptions(options: ClientOptions): SettledOptions {
  const settled = {
    ...options,
    sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS_DEFAULT,
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS_DEFAULT,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS_DEFAULT,
    readOnly: options.readOnly ?? false,
    auth: options.auth ?? [],
    requestsMax: options.requestsMax ?? REQUESTS_MAX_DEFAULT,
    watchesMax: options.watchesMax ?? WATCHES_MAX_DEFAULT,
    replyBytesMax: options.replyBytesMax ?? REPLY_BYTES_MAX_DEFAULT,
  };
  for (const [name, value] of Object.entries(settled)) {
    if (typeof value === 'number' && !(value > 0)) {
      throw new ClientError('badArguments', { message: `${name} is ${value}` });
    }
  }
  return settled;
}

/** What every request takes. */
export interface RequestOptions {
  /** Ends the waiting. A write that has left may be executed all the same: `indeterminate`. */
  readonly signal?: AbortSignal;
  /** Instead of the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number;
}
