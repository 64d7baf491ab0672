import { INVALID_NOTIFY_MESSAGES } from './invalid-notify-messages.ts';

/** What is said, after the file name, about each fixtures/invalid-NAME.yaml, by NAME. */
export const INVALID_MESSAGES: Readonly<Record<string, readonly string[]>> = {
  'allowed-hosts': [
    'http.allowedHosts[0] is "https://watch.example.com"; write a host name such as watch.example.com, without scheme and port.',
    'http.allowedHosts[1] is "watch.example.com:9464"; write a host name such as watch.example.com, without scheme and port.',
  ],
  'allowed-hosts-not-a-list': [
    'http.allowedHosts is "watch.example.com"; write a list of host names such as [watch.example.com].',
  ],
  'alias-without-anchor': [
    'log.level is an alias without an anchor above it; put the value in quotes if it begins with *.',
  ],
  'api-version': ['atlas.apiVersion is "v3"; write one of v1.0, v2.'],
  'auth-type': ['atlas.auth.type is a text that is not shown here; write one of apiKey, serviceAccount.'],
  'bare-migration': [
    'migrations[0] is "5f7f5f5f5f5f5f5f5f5f5f5f"; write groupId/liveMigrationId, each 24 characters 0-9 and a-f, or the two as keys.',
    'migrations[1] is "orders/7e68e12770616e75e6df43d0"; write groupId/liveMigrationId, each 24 characters 0-9 and a-f, or the two as keys.',
  ],
  'base-url-login': [
    'atlas.baseUrl holds a user name or password; remove it, the credentials go under atlas.auth.',
  ],
  'base-url-path': [
    'atlas.baseUrl has something after the host; write the scheme and host only, such as https://cloud.mongodb.com.',
  ],
  'base-url-scheme': [
    'atlas.baseUrl does not begin with https://; only an address on this machine may be http.',
  ],
  'base-url-tab': [
    'atlas.baseUrl is "https://cloud\\t.mongodb.com"; write an address such as https://cloud.mongodb.com.',
  ],
  'base-url-text': [
    'atlas.baseUrl is "cloud.mongodb.com"; write an address such as https://cloud.mongodb.com.',
  ],
  'client-secret-in-file': [
    'atlas.auth.client_secret must not be in the configuration file; remove it and put the secret into the environment variable MONGODB_ATLAS_CLIENT_SECRET, or into a file named by MONGODB_ATLAS_CLIENT_SECRET_FILE or atlas.auth.clientSecretFile.',
  ],
  'count-of-polls': [
    'watch.unreachableAfter is "3", a number of polls; write how long polls must have failed, such as 90s for 3 polls every 30 s.',
  ],
  'cron-step': [
    'schedule.default is "*/90 * * * * *"; write a cron expression, seconds first, such as "*/30 * * * * *" for every 30 seconds.',
    'schedule.approaching is "0 0-30/75 * * * *"; write a cron expression, seconds first, such as "*/30 * * * * *" for every 30 seconds.',
  ],
  cron: [
    'schedule.default is "every minute"; write a cron expression, seconds first, such as "*/30 * * * * *" for every 30 seconds.',
    'schedule.approaching is "*/5 * *"; write a cron expression, seconds first, such as "*/30 * * * * *" for every 30 seconds.',
  ],
  'cutover-of-migration': [
    'migrations[0].cutover.deadline is "2026-12-03T10:00", a local time without its zone; add Z for UTC, or the offset: 2026-12-03T10:00Z or 2026-12-03T10:00+01:00.',
    'migrations[0].cutover.planDuration is given without plannedAt; add when the cutover is planned.',
  ],
  'delays-swapped': [
    'retry.minDelay is longer than retry.maxDelay; shorten it or lengthen the other (1s and 30s are the defaults).',
  ],
  'duplicate-key': ['log.level is written twice, on lines 2 and 3; keep one.'],
  'duplicate-name': [
    'migrations[1] has the same name as migrations[0] (the name is the liveMigrationId unless given); give it a name of its own.',
    'migrations[3] has the same name as migrations[2] (the name is the liveMigrationId unless given); give it a name of its own.',
  ],
  'duplicate-pair': ['migrations[1] is the same migration as migrations[0]; remove one of them.'],
  'duration-range': [
    'atlas.requestTimeout is "0"; write a duration from 100ms to 5m.',
    'retry.maxDelay is "2d"; write a duration from 0 to 1h.',
    'cutover.remindEvery is "500ms"; write a duration from 1s to 480h, or 0 for never.',
    'watch.unreachableAfter is "2d"; write a duration from 0 to 24h.',
    'watch.heartbeat is "50ms"; write a duration from 100ms to 24h.',
  ],
  duration: [
    'atlas.requestTimeout is "10 seconds"; write a duration such as 500ms, 30s, 5m, 120h or 5d.',
    'atlas.pollTimeout is "1.5m"; write a duration such as 500ms, 30s, 5m, 120h or 5d.',
    'watch.unreachableAfter is "3 polls"; write a duration such as 500ms, 30s, 5m, 120h or 5d.',
    'watch.remindEvery is "12"; write a duration such as 500ms, 30s, 5m, 120h or 5d.',
    'watch.heartbeat is "30"; write a duration such as 500ms, 30s, 5m, 120h or 5d.',
  ],
  'empty-migration': [
    'migrations[0] is empty; write groupId and liveMigrationId below it, or groupId/liveMigrationId as one text.',
    'migrations[1] is a list; write groupId and liveMigrationId below it, or groupId/liveMigrationId as one text.',
  ],
  'empty-migrations': [
    'migrations is an empty list; list at least one migration, with its groupId and liveMigrationId.',
  ],
  empty: ['the file is empty; write at least a list of migrations.'],
  'endless-alias': [
    'the file is nested too deeply, or its aliases stand for too much; write it out more plainly.',
  ],
  ids: [
    'migrations[0].groupId is "my-project"; write the project (group) id, 24 characters 0-9 and a-f in lower case; an organization id looks alike but is something else.',
    'migrations[0].liveMigrationId is "7E68E12770616E75E6DF43D0"; write the live migration id, 24 characters 0-9 and a-f in lower case.',
    'migrations[1].groupId is missing; write the project (group) id, 24 characters 0-9 and a-f in lower case; an organization id looks alike but is something else.',
    'migrations[1].liveMigrationId is empty; write the live migration id, 24 characters 0-9 and a-f in lower case.',
  ],
  'client-keys': [
    'atlas.auth.clientId belongs to type: serviceAccount, but the type is apiKey; change the type, or remove the key.',
    'atlas.auth.clientSecretFile belongs to type: serviceAccount, but the type is apiKey; change the type, or remove the key.',
  ],
  invisible: [
    'migrations[0]["\\u200bliveMigrationId"] is not a known key. Did you mean liveMigrationId?',
    'migrations[0].groupId is "5f7f5\\u200b5f5f5f5f5f5f5f5f5f"; write the project (group) id, 24 characters 0-9 and a-f in lower case; an organization id looks alike but is something else.',
  ],
  'key-at-wrong-level': [
    'atlas.privateKeyFile is not a known key here. It belongs under atlas.auth (atlas.auth.privateKeyFile).',
    'atlas.retry is not a known key here. It belongs at the top level (retry).',
    'requestTimeout is not a known key here. It belongs under atlas (atlas.requestTimeout).',
  ],
  'key-in-other-words': [
    'migrations[0].projectId is not a known key. Did you mean groupId?',
    'migrations[0].migrationId is not a known key. Did you mean liveMigrationId?',
  ],
  'key-in-snake-case': [
    'migrations[0].group_id is not a known key. Did you mean groupId?',
    'migrations[0].live-migration-id is not a known key. Did you mean liveMigrationId?',
  ],
  'key-misspelt': ['migrations[0].grupId is not a known key. Did you mean groupId?'],
  'key-too-long': ['the top level has a key of 2000 characters; 1000 are the most.'],
  'label-proto': ['migrations[0].labels.__proto__ is a name that cannot be used; choose another.'],
  latin1: [
    'line 2, column 12: the file is not UTF-8 here, or holds U+FFFD, which stands for a character that was lost; save the file as UTF-8.',
  ],
  'key-not-text': ['log has a key that is a list or a section; a key is plain text.'],
  labels: [
    'migrations[0].labels is "payments"; write names and texts below it, such as team: payments.',
    'migrations[1].labels.team is a section; write a text of 1 to 200 characters on one line.',
    'migrations[1].labels["api token"] is a list; write a text of 1 to 200 characters on one line.',
    'migrations[2].labels holds a label name that is empty, longer than 63 characters or not on one line; shorten it.',
  ],
  'listen-port': [
    'http.listen is "localhost:70000"; write host:port such as 127.0.0.1:9464 or [::1]:9464, or false for no server.',
  ],
  listen: [
    'http.listen is "9464"; write host:port such as 127.0.0.1:9464 or [::1]:9464, or false for no server.',
  ],
  log: [
    'log.level is "INFO"; write one of trace, debug, info, warn, error, fatal, silent.',
    'log.format is "xml"; write one of auto, json, pretty, ecs.',
  ],
  'merge-key': [
    'log["<<"] is a YAML merge key, which is not supported; write the keys out, or alias a whole section.',
  ],
  'migrations-not-a-list': [
    'migrations is a section; list at least one migration, with its groupId and liveMigrationId.',
  ],
  name: [
    'migrations[0].name is empty; write a text of 1 to 100 characters on one line.',
    'migrations[1].name is "two\\nlines"; write a text of 1 to 100 characters on one line.',
    'migrations[2].name is a text of 105 characters; write a text of 1 to 100 characters on one line.',
  ],
  'no-migrations': [
    'migrations is missing; list at least one migration, with its groupId and liveMigrationId.',
  ],
  'null-unknown-key': ['hearbeat is not a known key. Did you mean watch.heartbeat?'],
  'number-range': [
    'atlas.concurrency is "257"; write a whole number from 1 to 256.',
    'atlas.requestsPerMinute is "10001"; write a whole number from 1 to 10000.',
    'retry.attempts is "11"; write a whole number from 1 to 10.',
  ],
  number: [
    'atlas.concurrency is "many"; write a whole number from 1 to 256.',
    'atlas.requestsPerMinute is "1e3"; write a whole number from 1 to 10000.',
    'retry.attempts is "0"; write a whole number from 1 to 10.',
  ],
  'private-key-file': [
    `atlas.auth.privateKeyFile begins with ~, which is not expanded here; write \${HOME} for the home directory.`,
  ],
  'private-key-in-file': [
    'atlas.auth.privateKey must not be in the configuration file; remove it and put the key into the environment variable MONGODB_ATLAS_PRIVATE_API_KEY, or into a file named by MONGODB_ATLAS_PRIVATE_API_KEY_FILE or atlas.auth.privateKeyFile.',
    'atlas.apiKey must not be in the configuration file; remove it and put the key into the environment variable MONGODB_ATLAS_PRIVATE_API_KEY, or into a file named by MONGODB_ATLAS_PRIVATE_API_KEY_FILE or atlas.auth.privateKeyFile.',
    'password must not be in the configuration file; remove it and put the key into the environment variable MONGODB_ATLAS_PRIVATE_API_KEY, or into a file named by MONGODB_ATLAS_PRIVATE_API_KEY_FILE or atlas.auth.privateKeyFile.',
  ],
  'public-key': ['atlas.auth.publicKey is a list; write a text of 1 to 100 characters on one line.'],
  'section-is-text': [
    'retry is a list; write keys and values below it.',
    'log is "info"; write keys and values below it.',
  ],
  'service-account': [
    'atlas.auth.publicKey belongs to type: apiKey, but the type is serviceAccount; change the type, or remove the key.',
  ],
  'several-documents': [
    'there are several YAML documents in the file; keep one, without a line of --- in between.',
  ],
  'state-path': [
    `state.path begins with ~, which is not expanded here; write \${HOME} for the home directory.`,
  ],
  'syntax-indentation': [
    'line 3, column 1: the indentation does not fit the lines above; line the keys of one section up.',
  ],
  'syntax-key-indentation': [
    'line 2, column 12: a key cannot be a list or a section; line the keys of one section up, and put a value that holds ": " in quotes.',
  ],
  'syntax-quote': [
    'line 3, column 1: a closing quote, a bracket, a comma or a colon is missing here or just above.',
  ],
  'syntax-tab': ['line 2, column 1: a tab is used as indentation, which YAML does not allow; use spaces.'],
  'syntax-variable-in-braces': [
    `line 2, column 17: this does not belong here; is a quote, a bracket or a line break missing before it? Within { } or [ ], a \${VAR} needs quotes.`,
  ],
  'tag-binary': [
    'migrations[0].name has a YAML tag, which means nothing here; remove it, or put the value in quotes.',
  ],
  'text-too-long': ['log.level is a text of 10001 characters; 10000 are the most.'],
  utf16: ['the file is not UTF-8 text, but perhaps UTF-16 or no text at all; save it as UTF-8.'],
  tag: ['log.level has a YAML tag, which means nothing here; remove it, or put the value in quotes.'],
  'timeouts-swapped': [
    'atlas.requestTimeout is longer than atlas.pollTimeout; shorten it or lengthen the other (10s and 60s are the defaults).',
  ],
  timezone: [
    'schedule.timezone is "Mars/Olympus"; write the name of a time zone, such as UTC or Europe/Berlin.',
  ],
  'too-many-labels': ['migrations[0].labels holds 17 labels; 16 is the most.'],
  'top-level-list': ['the top level is not made of keys; begin with migrations: and a list below it.'],
  'top-level-text': ['the top level is not made of keys; begin with migrations: and a list below it.'],
  'unknown-key': [
    'logging is not a known key. The keys here are atlas, retry, schedule, cutover, watch, migrations, include, notify, ping, state, http, log.',
    'blah is not a known key. The keys here are atlas, retry, schedule, cutover, watch, migrations, include, notify, ping, state, http, log.',
  ],
  'value-is-list': [
    'log.level is a list; write one of trace, debug, info, warn, error, fatal, silent.',
    'log.format is a section; write one of auto, json, pretty, ecs.',
  ],
  'variable-content': [
    'atlas.requestTimeout is a text from $SECRET (not shown); write a duration such as 500ms, 30s, 5m, 120h or 5d.',
    'atlas.concurrency is a text from $NOT_SET (not shown); write a whole number from 1 to 256.',
    'log.level is a text from $SECRET (not shown); write one of trace, debug, info, warn, error, fatal, silent.',
  ],
  'variable-malformed': [
    `log.level has a \${ that does not begin \${VAR} or \${VAR:-default}; write one of these, or $\${ for a literal \${.`,
    `log.format has a \${ that does not begin \${VAR} or \${VAR:-default}; write one of these, or $\${ for a literal \${.`,
    `atlas.baseUrl has a \${ that does not begin \${VAR} or \${VAR:-default}; write one of these, or $\${ for a literal \${.`,
    `atlas.apiVersion has a \${ that does not begin \${VAR} or \${VAR:-default}; write one of these, or $\${ for a literal \${.`,
    `atlas.apiVersion names the variable B, which is not set; set it, or give a default with \${B:-default}.`,
  ],
  title: ['http.title is "production\\nsecond line"; write a text of 1 to 60 characters on one line.'],
  'variable-unset': [
    `log.level names the variable NOT_SET, which is not set; set it, or give a default with \${NOT_SET:-default}.`,
    `atlas.requestTimeout names the variable ALSO_NOT_SET, which is not set; set it, or give a default with \${ALSO_NOT_SET:-default}.`,
    `atlas.requestTimeout names the variable NOT_SET, which is not set; set it, or give a default with \${NOT_SET:-default}.`,
  ],
  'warnings-not-a-list': [
    'cutover.warnBefore is "48h"; write a list of durations such as [48h, 24h, 6h, 1h].',
  ],
  warnings: [
    'cutover.warnBefore[3] is "soon"; write a duration such as 500ms, 30s, 5m, 120h or 5d.',
    'cutover.warnBefore[0] is "48h", not shorter than cutover.window; write a shorter duration.',
    'cutover.warnBefore[1] is "24h", not shorter than cutover.window; write a shorter duration.',
  ],
  'own-settings': [
    'migrations[0].cutover.warnbefore is not a known key. Did you mean warnBefore?',
    'migrations[0].schedule.timezone is not a known key here. It belongs under schedule (schedule.timezone).',
    'migrations[0].cutover.window is "soon"; write a duration such as 500ms, 30s, 5m, 120h or 5d.',
    'migrations[0].cutover.remindEvery is "500ms"; write a duration from 1s to 480h, or 0 for never.',
    'migrations[0].schedule.default is "hourly"; write a cron expression, seconds first, such as "*/30 * * * * *" for every 30 seconds.',
    'migrations[0].watch is "2h"; write stallAfter or unreachableAfter below it.',
  ],
  include: [
    'include[0] begins with ~, which is not expanded here; write ${HOME} for the home directory.',
    'include[1] is "migrations.d/**", and ** would search whole folders; write each folder out, as in migrations.d/*.yaml.',
    'include[2] is empty; write the name of files, such as migrations.d/*.yaml.',
  ],
  ...INVALID_NOTIFY_MESSAGES,
};
