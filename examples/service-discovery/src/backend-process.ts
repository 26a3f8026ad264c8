/* One backend: `node backend-process.js CONNECT_STRING NAME`. */
import { Client } from '@bellwether/client';
import { startBackend } from './backend.ts';

const [, , connectString = '', name = ''] = process.argv;
const client = await Client.connect(connectString, { sessionTimeoutMs: 4_000 });
await startBackend(client, name);
process.on('disconnect', () => void client.close().finally(() => process.exit()));
process.send?.('serving');
