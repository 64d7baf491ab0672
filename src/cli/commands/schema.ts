import { configJsonSchema } from '../../config/json-schema.ts';
import { eventsJsonSchema } from '../../events/json-schema.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { print } from '../terminal.ts';

export const schemaNames = ['config', 'events'] as const;

/** Prints the JSON Schema of the configuration or of the log lines. */
export function schemaCommand(name: (typeof schemaNames)[number]): ExitCode {
  const schema = name === 'config' ? configJsonSchema() : eventsJsonSchema();
  print(JSON.stringify(schema, undefined, 2));
  return exitCode.done;
}
