import { constantNode, textConstantOf, wholeConstantOf } from '../sql-build';
import { arrayOf } from '../sql-types';
import { MAX_TEXT_BYTES } from './bounds';
import { native, rewritten, type FunctionCall, type FunctionTable, type TypedNode } from './entry';

/** Groups that take part in a match: `(`, but not `\(`, `[(]`, `(?:` and its like; named ones count. */
export function groupCount(pattern: string): number {
  const bare = pattern.replaceAll(/\\[^]/gu, '').replaceAll(/\[\^?\]?[^\]]*\]/gu, '');
  return Array.from(bare.matchAll(/\((?!\?)|\(\?P?<[A-Za-z_]/gu)).length;
}

/** @throws AppError QUERY_WRONG_TYPE for a group that a pattern written as a constant does not have */
function groupOf(call: FunctionCall): TypedNode['node'] {
  const [, pattern, group] = call.arguments;
  if (group === undefined) return constantNode('INTEGER', 0);
  const text = pattern === undefined ? null : textConstantOf(pattern.node);
  const wanted = wholeConstantOf(group.node);
  if (wanted === null)
    throw call.fail('QUERY_UNSUPPORTED', `The group of ${call.name} is a whole number as it stands.`);
  const groups = text === null ? 9 : groupCount(text);
  if (wanted <= groups) return constantNode('INTEGER', wanted);
  throw call.fail('QUERY_WRONG_TYPE', `Pattern has ${groups} groups. Cannot access group ${wanted}`);
}

const EXTRACT = 'CASE WHEN regexp_matches($1, $2) THEN regexp_extract($1, $2, $3) END';
/** A group can be empty, or take no part in the match, for which only DuckDB's list has NULL. */
const EXTRACT_GROUP = `CASE WHEN regexp_extract($1, $2, $3) <> '' THEN regexp_extract($1, $2, $3)
  WHEN regexp_matches($1, $2) THEN list_extract(regexp_extract_all($1, $2, $3), 1) END`;
const EXTRACT_ALL = 'regexp_extract_all($1, $2, $3)';

function extraction(template: (group: TypedNode['node']) => string, type: TypedNode['type']) {
  return (call: FunctionCall): TypedNode => {
    const [text, pattern] = call.arguments;
    if (text === undefined || pattern === undefined)
      throw call.fail('QUERY_WRONG_TYPE', `${call.name} needs a text and a pattern.`);
    const group = groupOf(call);
    return { node: call.expand(template(group), [text.node, pattern.node, group]), type };
  };
}

/** `$1` names a group in the vendor's replacements, `\1` in DuckDB's; `\$` and `\\` are the characters themselves. */
export function duckdbReplacement(replacement: string): string {
  return replacement.replaceAll(/\\([^])|\$(\d)|\\/gu, (_, escaped: string | undefined, group: string | undefined) => {
    if (group !== undefined) return `\\${group}`;
    return escaped === undefined || escaped === '\\' ? '\\\\' : escaped;
  });
}

const REPLACE = "regexp_replace($1, $2, $3, 'g')";
const BOUNDED_REPLACE = `CASE WHEN (strlen($1) + 1) * $4 > ${MAX_TEXT_BYTES}
  THEN error('regexp_replace may give ${MAX_TEXT_BYTES} bytes at most') ELSE regexp_replace($1, $2, $3, 'g') END`;

function replacing(call: FunctionCall): TypedNode {
  const [text, pattern, written] = call.arguments;
  if (text === undefined || pattern === undefined)
    throw call.fail('QUERY_WRONG_TYPE', `${call.name} needs a text and a pattern.`);
  const replacement = written === undefined ? '' : textConstantOf(written.node);
  if (replacement === null)
    throw call.fail('QUERY_UNSUPPORTED', `The replacement of ${call.name} is a text as it stands.`);
  const parameters = [text.node, pattern.node, constantNode('VARCHAR', duckdbReplacement(replacement))];
  // A single character, or one group at most, makes no text longer.
  const growth = utf8BytesAtMost(replacement);
  if (growth <= 1) return { node: call.expand(REPLACE, parameters), type: 'text' };
  return { node: call.expand(BOUNDED_REPLACE, [...parameters, constantNode('INTEGER', growth)]), type: 'text' };
}

/** Bytes in UTF-8 of a text, at most. */
function utf8BytesAtMost(text: string): number {
  return text.length * (/^[\0-\x7f]*$/u.test(text) ? 1 : 3);
}

export const REGEXPS: FunctionTable = {
  /** NULL without a match, where DuckDB gives an empty text. */
  regexp_extract: rewritten(
    extraction((group) => (wholeConstantOf(group) === 0 ? EXTRACT : EXTRACT_GROUP), 'text'),
    {
      templates: [EXTRACT, EXTRACT_GROUP],
      maxArguments: 3,
    },
  ),
  regexp_extract_all: rewritten(
    extraction(() => EXTRACT_ALL, arrayOf('text')),
    {
      templates: [EXTRACT_ALL],
      maxArguments: 3,
    },
  ),
  regexp_like: native('boolean', { rename: 'regexp_matches', maxArguments: 2 }),
  regexp_replace: rewritten(replacing, { templates: [REPLACE, BOUNDED_REPLACE], maxArguments: 3 }),
  regexp_split: native(arrayOf('text'), { rename: 'regexp_split_to_array', maxArguments: 2 }),
};
