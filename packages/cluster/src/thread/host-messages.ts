/** How to start the service. It finds its end of the channel as file descriptor SERVICE_CHANNEL_FD. */
export interface ServiceCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** There is a parent process with a channel of Node.js's, which the service is to speak to. */
  readonly isSupervised: boolean;
}

/** How the service ended: one of the two is there. */
export interface ServiceEnding {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export const SERVICE_CHANNEL_FD = 3;

/** From the main thread of the process. */
export type ToHost = { readonly type: 'terminate' } | { readonly type: 'disconnect' };

/** To the main thread of the process. */
export type FromHost =
  | { readonly type: 'relay'; readonly message: object }
  | { readonly type: 'ended'; readonly ending: ServiceEnding }
  | { readonly type: 'failed'; readonly text: string };
