import { constantNode, textConstantOf } from '../sql-build';
import { macro, rewritten, type FunctionCall, type FunctionTable, type TypedNode } from './entry';
import { decodedUrl } from './utf8';

/**
 * The parts of a URL, as RFC 3986 appendix B cuts it: the vendor's functions give an empty text for a part that is not
 * there, and NULL for what is no URL (spaces and their like in it).
 */
const PARTS = String.raw`^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$`;
const VALID = String.raw`NOT regexp_matches($1, '[\s<>"{}|\\^]')`;
const part = (group: number): string => `CASE WHEN ${VALID} THEN regexp_extract($1, '${PARTS}', ${group}) END`;

const PARAMETER = `CASE WHEN ${VALID} AND regexp_matches(regexp_extract($1, '${PARTS}', 5), $2)
  THEN ${decodedUrl(`replace(regexp_extract(regexp_extract($1, '${PARTS}', 5), $2, 1), '+', ' ')`)} END`;

function parameter(call: FunctionCall): TypedNode {
  const [url, name] = call.arguments;
  const text = name === undefined ? null : textConstantOf(name.node);
  if (url === undefined || text === null) {
    throw call.fail('QUERY_UNSUPPORTED', `${call.name} needs a URL and the name of a parameter as it stands.`);
  }
  const pattern = `(?:^|&)${text.replaceAll(/[^A-Za-z0-9_\u0080-\uffff]/gu, String.raw`\$&`)}(?:=([^&]*)|&|$)`;
  return { node: call.expand(PARAMETER, [url.node, constantNode('VARCHAR', pattern)]), type: 'text' };
}

export const URLS: FunctionTable = {
  url_decode: macro('text', decodedUrl("replace($1, '+', ' ')")),
  /** As forms encode: a space as `+`; letters, digits and `.-*_` as they are. */
  url_encode: macro('text', "replace(replace(replace(url_encode($1), '%20', '+'), '%2A', '*'), '~', '%7E')"),
  url_extract_fragment: macro('text', part(6)),
  url_extract_host: macro('text', part(2)),
  url_extract_parameter: rewritten(parameter, { templates: [PARAMETER] }),
  url_extract_path: macro('text', part(4)),
  url_extract_port: macro(
    'integer',
    `CASE WHEN ${VALID} THEN TRY_CAST(nullif(regexp_extract($1, '${PARTS}', 3), '') AS BIGINT) END`,
  ),
  url_extract_protocol: macro('text', part(1)),
  url_extract_query: macro('text', part(5)),
};
