import { once } from 'node:events';
import { Client } from '@bellwether/client';
import zookeeper from 'node-zookeeper-client';
import { SESSION_TIMEOUT_MS } from '../limits.ts';

/** A client library, as the measurement drives it: each operation calls back when it is done. */
export interface Subject {
  create(path: string, data: Buffer): Promise<void>;
  remove(path: string): Promise<void>;
  get(path: string): Promise<unknown>;
  set(path: string, data: Buffer): Promise<unknown>;
  close(): Promise<void>;
}

export type SubjectName = '@bellwether/client' | 'node-zookeeper-client';
export const SUBJECTS: readonly SubjectName[] = ['@bellwether/client', 'node-zookeeper-client'];

export function connectSubject(name: SubjectName, host: string): Promise<Subject> {
  return name === '@bellwether/client' ? connectOurs(host) : connectTheirs(host);
}

async function connectOurs(host: string): Promise<Subject> {
  const client = await Client.connect(host, { sessionTimeoutMs: SESSION_TIMEOUT_MS });
  return {
    create: async (path, data) => void (await client.create(path, data)),
    remove: (path) => client.delete(path),
    get: (path) => client.getData(path),
    set: (path, data) => client.setData(path, data),
    close: () => client.close(),
  };
}

/** It calls back; a promise around that is what programs of today make of it. */
async function connectTheirs(host: string): Promise<Subject> {
  const client = zookeeper.createClient(host, { sessionTimeout: SESSION_TIMEOUT_MS });
  const connected = once(client as unknown as NodeJS.EventEmitter, 'connected');
  client.connect();
  await connected;
  const call = (start: (done: (error: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      start((error) => (error === null || error === undefined ? resolve() : reject(error)));
    });
  return {
    create: (path, data) => call((done) => client.create(path, data, done)),
    remove: (path) => call((done) => client.remove(path, -1, done)),
    get: (path) => call((done) => client.getData(path, done)),
    set: (path, data) => call((done) => client.setData(path, data, -1, done)),
    close: async () => client.close(),
  };
}
