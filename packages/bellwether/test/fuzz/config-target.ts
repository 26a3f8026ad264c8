import { Findings } from '../../src/config/findings.ts';
import { readYamlConfig } from '../../src/config/yaml-config.ts';
import { readZooConfig } from '../../src/config/zoo-cfg.ts';
import { count, FuzzFailure, type Counts } from './fuzz-failure.ts';
import { mutate } from './mutations.ts';
import type { Random } from './random.ts';

const YAML = `nodeId: 1
clusterId: flock
dataDir: data
client: {port: 2181, address: 127.0.0.1}
peers:
  - {id: 1, host: 10.0.0.1, port: 3181}
  - {id: 2, host: node-2.example, port: 3181}
  - {id: 3, host: "::1", port: 3182, observer: true}
session: {timeoutMinMs: 4000, timeoutMaxMs: 40000}
timing: {tickMs: 10, heartbeatTicks: 5}
fourLetterWords: [srvr, ruok, mntr]
limits: {connectionsPerAddressMax: 60, frameBytesMax: 1048575}
log: {level: info, format: text}
`;

const ZOO_CFG = `tickTime=2000
initLimit=10
syncLimit=5
dataDir=/nonexistent/zookeeper
clientPort=2181
maxClientCnxns=60
4lw.commands.whitelist=srvr, ruok
server.1=10.0.0.1:2888:3888
server.2=10.0.0.2:2888:3888:participant;2181
server.3=[::1]:2888:3888:observer
admin.enableServer=true
minSessionTimeout=4000
`;

const KINDS = [
  { name: 'yaml', text: YAML, file: '/nonexistent/bellwether.yaml', read: readYamlConfig },
  { name: 'zoo.cfg', text: ZOO_CFG, file: '/nonexistent/zoo.cfg', read: readZooConfig },
] as const;

/** Settings as a hurried hand, or a broken template, writes them. */
export class ConfigFuzz {
  readonly #random: Random;
  readonly #counts: Counts;

  constructor(random: Random, counts: Counts) {
    this.#random = random;
    this.#counts = counts;
  }

  /** @throws FuzzFailure when a text is neither understood nor refused with its mistakes */
  run(texts: number): void {
    for (let done = 0; done < texts; done++) this.#one();
  }

  #one(): void {
    const kind = this.#random.pick(KINDS);
    const bytes = mutate(Buffer.from(kind.text), this.#random, Buffer.from(KINDS[0].text));
    const findings = new Findings();
    let config: unknown;
    try {
      config = kind.read(Buffer.from(bytes).toString('utf8'), kind.file, findings);
    } catch (error) {
      throw new FuzzFailure(`a ${kind.name} ends the reader`, bytes, error);
    }
    const isUnderstood = config !== undefined;
    if (isUnderstood === findings.hasErrors) {
      throw new FuzzFailure(`a ${kind.name} is refused without a mistake, or not with one`, bytes);
    }
    const isPlaced = findings.all.every(({ place, what }) => place.line >= 1 && what !== '');
    if (!isPlaced) throw new FuzzFailure(`a mistake in a ${kind.name} has no place`, bytes);
    count(this.#counts, `${kind.name} ${isUnderstood ? 'understood' : 'refused'}`);
  }
}
