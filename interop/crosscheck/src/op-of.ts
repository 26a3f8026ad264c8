import type { Request } from './steps.ts';

/** What the request asks for, damaged or not, under whichever number. */
export function opOf(request: Request | undefined): Request['op'] | undefined {
  return request !== undefined && 'request' in request ? opOf(request.request) : request?.op;
}
