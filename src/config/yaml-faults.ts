import type { ErrorCode } from 'yaml';

/**
 * What is wrong and what to do, by the parser's error code. Our own words, because the parser's quote the file,
 * and with it perhaps a secret.
 */
export const YAML_FAULTS = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag; remove it.',
  BAD_ALIAS: 'this is not an alias name; put the value in quotes if it begins with * or &.',
  BAD_COLLECTION_TYPE: 'the YAML tag here does not fit the value; remove the tag.',
  BAD_DIRECTIVE: 'this line begins with %, which YAML keeps for directives; put the value in quotes.',
  BAD_DQ_ESCAPE:
    'there is no such escape in double quotes; use single quotes, or write \\\\ for a backslash.',
  BAD_INDENT: 'the indentation does not fit the lines above; line the keys of one section up.',
  BAD_PROP_ORDER: 'anchors and tags belong before the value; move them.',
  BAD_SCALAR_START: 'a plain value cannot begin with this character; put the value in quotes.',
  BLOCK_AS_IMPLICIT_KEY:
    'a key cannot be a list or a section; line the keys of one section up, and put a value that holds ": " in quotes.',
  BLOCK_IN_FLOW: 'indented lists and sections cannot be inside [ ] or { }; write them in brackets too.',
  DUPLICATE_KEY: 'this key is written twice; keep one.',
  IMPOSSIBLE: 'the YAML parser cannot make sense of this; look at the indentation and the quotes.',
  KEY_OVER_1024_CHARS: 'this key is longer than 1024 characters; is a colon or a quote missing above?',
  MISSING_CHAR: 'a closing quote, a bracket, a comma or a colon is missing here or just above.',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; is a colon or a quote missing here?',
  MULTIPLE_ANCHORS: 'a value can have one anchor (&name) only; remove the other.',
  MULTIPLE_DOCS: 'a second document begins here; keep one.',
  MULTIPLE_TAGS: 'a value can have one tag only; remove the other.',
  NON_STRING_KEY: 'a key must be plain text.',
  RESOURCE_EXHAUSTION: 'the file is nested too deeply or has too many aliases; write it out more plainly.',
  TAB_AS_INDENT: 'a tab is used as indentation, which YAML does not allow; use spaces.',
  TAG_RESOLVE_FAILED: 'the YAML tag here is not understood; remove it.',
  UNEXPECTED_TOKEN:
    'this does not belong here; is a quote, a bracket or a line break missing before it? Within { } or [ ], a ${VAR} needs quotes.',
} satisfies Record<ErrorCode, string>;
