import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaClasspath } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

const LOGGING = `log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
`;

/** Brokers of Apache Kafka that keep what they know of each other in the cluster under test. */
export class KafkaBrokers {
  readonly brokers: readonly ServerProcess[];
  readonly #ports: readonly number[];
  readonly #directory: string;

  private constructor(
    brokers: readonly ServerProcess[],
    ports: readonly number[],
    directory: string,
  ) {
    this.brokers = brokers;
    this.#ports = ports;
    this.#directory = directory;
  }

  /**
   * Resolves once all of them serve. Their ids count from 1.
   *
   * @param directory for their data, removed by the caller
   */
  static async start(
    zooKeeper: string,
    ports: readonly number[],
    directory: string,
  ): Promise<KafkaBrokers> {
    writeFileSync(join(directory, 'log4j.properties'), LOGGING);
    const brokers = ports.map((port, i) => startBroker(i + 1, port, zooKeeper, directory));
    await Promise.all(brokers.map((broker) => broker.waitForOutput(/ started \(kafka\.server/)));
    return new KafkaBrokers(brokers, ports, directory);
  }

  /** Runs one of Kafka's tools with these lines as its input; returns what it printed. */
  async tool(
    main: string,
    args: readonly string[],
    input: readonly string[] = [],
  ): Promise<string> {
    const servers = this.#ports.map((port) => `127.0.0.1:${port}`).join(',');
    const command = javaCommand(this.#directory, 'tool', main);
    const tool = new ServerProcess([...command, '--bootstrap-server', servers, ...args]);
    input.forEach((line) => tool.writeLine(line));
    tool.endInput();
    await tool.waitForEnd();
    if (tool.exitCode === 0) return tool.output;
    throw new Error(`${main} ended with ${tool.exitCode}:\n${tool.output}`);
  }

  async createTopic(topic: string): Promise<void> {
    const copies = ['--partitions', '3', '--replication-factor', String(this.brokers.length)];
    const main = 'org.apache.kafka.tools.TopicCommand';
    await this.tool(main, ['--create', '--topic', topic, ...copies]);
  }

  /** Resolves once every message is acknowledged by all copies that are in sync. */
  async produce(topic: string, messages: readonly string[]): Promise<void> {
    const args = ['--topic', topic, '--request-required-acks', 'all'];
    await this.tool('kafka.tools.ConsoleProducer', args, messages);
  }

  /** All messages of the topic, in order, once there are so many. */
  async consume(topic: string, count: number): Promise<readonly string[]> {
    const args = ['--topic', topic, '--from-beginning', '--max-messages', String(count)];
    const output = await this.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', args);
    return output
      .split('\n')
      .filter((line) => line.startsWith('message-'))
      .sort();
  }

  async destroy(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.end('SIGKILL')));
  }
}

function startBroker(
  id: number,
  port: number,
  zooKeeper: string,
  directory: string,
): ServerProcess {
  const config = {
    'broker.id': id,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': join(directory, String(id)),
    'zookeeper.connect': `${zooKeeper}/kafka`,
    'zookeeper.session.timeout.ms': 6_000,
    'offsets.topic.replication.factor': 2,
    'offsets.topic.num.partitions': 3,
    'controlled.shutdown.enable': false,
  };
  mkdirSync(config['log.dirs']);
  const file = join(directory, `${id}.properties`);
  writeFileSync(
    file,
    Object.entries(config)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  return new ServerProcess([...javaCommand(directory, 'broker', 'kafka.Kafka'), file]);
}

function javaCommand(
  directory: string,
  kind: 'broker' | 'tool',
  main: string,
): readonly [string, ...string[]] {
  const level =
    kind === 'broker' ? [`-Dlog4j.configuration=file:${directory}/log4j.properties`] : [];
  return ['java', '-Xmx256m', '-XX:TieredStopAtLevel=1', ...level, '-cp', kafkaClasspath!, main];
}
