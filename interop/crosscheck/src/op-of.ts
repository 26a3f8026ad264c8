import type { Request } from './steps.ts';

/** What the request asks for, damaged or not. */
export function opOf(request: Request | undefined): Request['op'] | undefined {
  return request?.op === 'damaged' ? opOf(request.request) : request?.op;
}
