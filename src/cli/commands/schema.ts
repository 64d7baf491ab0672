import { configJsonSchema, includedJsonSchema } from '../../config/json-schema.ts';
import { eventsJsonSchema } from '../../events/json-schema.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { print } from '../terminal.ts';

export const schemaNames = ['config', 'migrations', 'events'] as const;

const schemas = {
  config: configJsonSchema,
  migrations: includedJsonSchema,
  events: eventsJsonSchema,
} as const;

/** Prints the JSON Schema of the configuration, of a file that it includes, or of the log lines. */
export function schemaCommand(name: (typeof schemaNames)[number]): ExitCode {
  print(JSON.stringify(schemas[name](), undefined, 2));
  return exitCode.done;
}
