/**
 * The kinds of value that `windlass.yaml` holds. What reaches a shell, a path, a ref or a URL is held to a
 * strict pattern here, once; the `error` of each is the phrase after "expected" in a mistake.
 */

import { isIP } from 'node:net';
import { z } from 'zod';
import { DURATION_FORM, parseDuration } from '../../release/duration.ts';
import { DAYS } from '../../release/names.ts';

const NETWORK = 'an IP address, a network such as 10.0.0.0/8, or loopback, linklocal or uniquelocal';

/** A text held to a pattern. `expected` is how a person would say what the pattern wants. */
export function text(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

/** One line of readable text, as titles and names of people are. */
export const line = text(
  /^(?! )[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}(?<! )$/u,
  'one line of text (at most 200 characters)',
);

export const productName = text(
  /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/,
  'a product name of lower-case letters, digits and inner hyphens, such as shop (at most 50)',
);

export const registryName = text(
  /^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$/,
  'the name of a registry, of lower-case letters, digits and inner hyphens, such as npm (at most 30)',
);

export const environmentName = text(
  /^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$/,
  'an environment name of lower-case letters, digits and inner hyphens, such as staging (at most 30)',
);

export const login = text(
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,37}[A-Za-z0-9])?$/,
  'a login of letters, digits and inner . _ - (at most 39)',
);

export const identifier = text(
  /^[a-z][a-z0-9_]{0,49}$/,
  'a name of lower-case letters, digits and underscores that starts with a letter, such as npm_token',
);

/** The name under `secrets:`; never the secret itself. */
export const secretName = text(
  /^[a-z][a-z0-9_]{0,49}$/,
  'the name of a secret that stands under `secrets` (not the secret itself), such as npm_token',
);

/** Dots are allowed in a key's id, since many key stores name keys by date. */
export const keyId = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a key id of letters, digits and . _ -');

export const email = text(
  /^[A-Za-z0-9.!#$%&*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/,
  'an e-mail address',
);

/** An address, a network in CIDR notation, or one of the names for usual networks. */
export const network = z
  .string({ error: NETWORK })
  .refine((value) => ['loopback', 'linklocal', 'uniquelocal'].includes(value) || isNetwork(value), {
    error: NETWORK,
  });

function isNetwork(value: string): boolean {
  const [, address = '', bits] = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128);
}

/** RFC 1123 names, IPv4, and IPv6 in brackets. */
const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:]{2,45}\])`;

export const host = text(new RegExp(`^${HOST}$`), 'a host name or address');

export const hostAndPort = text(
  new RegExp(String.raw`^${HOST}:(?:[1-9]\d{0,4}|0)$`),
  'host:port, such as 127.0.0.1:7233',
).refine((value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535, {
  error: 'host:port with a port up to 65535',
});

export const port = z.int({ error: 'a port number (1 to 65535)' }).min(1).max(65_535);

/** `http` beyond this machine is a matter for the rules, which know `insecure_hosts`. */
export const url = text(
  /^https?:\/\/[A-Za-z0-9.[\]:-]+(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$/,
  'a URL that starts with https:// (or http:// on this machine), without a user name or password in it',
).refine(isUrl, { error: 'a URL that can be parsed' });

function isUrl(value: string): boolean {
  return URL.canParse(value);
}

/** No transport that runs a program (`ext::`), and nothing that git could take for an option. */
export const gitUrl = text(
  /^(?:https?:\/\/[A-Za-z0-9.[\]:-]+\/[\w.~%/+-]+|ssh:\/\/(?:[\w.-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\/[\w.~%/+-]+|[\w][\w.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:(?!\/\/)[\w.~/+-]+|file:\/\/\/[\w.~%/+ -]+|\.{0,2}\/?[\w.~+][\w.~/+ -]*|\/[\w.~/+ -]+)$/,
  'the address of a git repository: https://…, ssh://…, git@host:path, or a path on this machine',
);

/** A path for Windlass's own files; relative ones start from the folder of the configuration. */
export const localPath = text(
  /^(?!-)[^\p{Cc}\p{Cf}]{1,1000}$/u,
  'a path; a relative one starts from the folder of this file',
);

/** A path inside the product's repository: relative, forward slashes, no `..`, no hidden `.git`. */
export const repositoryPath = text(
  /^(?!-)(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!\.git(?:\/|$))[A-Za-z0-9._@+-]+(?:\/[A-Za-z0-9._@+][A-Za-z0-9._@+-]*)*$/,
  'a relative path inside the repository, of letters, digits and . _ @ + -, without `..`',
);

/** Files of the product's repository, by a pattern as `.gitattributes` has them; `**` reaches over folders. */
export const pathPattern = text(
  /^(?![-/])(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!\.git(?:\/|$))[A-Za-z0-9._@+*?-]+(?:\/[A-Za-z0-9._@+*?-]+)*$/,
  'a pattern of paths from the top of the repository, such as db/** or **/*.sql, of letters, digits and . _ @ + - * ?, without `..`',
);

/** A file of the product: from its folder, or with a slash before it from the top of the repository. */
export const productFile = text(
  /^\/?(?!-)(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!\.git(?:\/|$))[A-Za-z0-9._@+-]+(?:\/[A-Za-z0-9._@+][A-Za-z0-9._@+-]*)*$/,
  'a path from the folder of the product, or with / before it from the top of the repository, of letters, digits and . _ @ + -, without `..`',
);

/** An address with marks such as `{number}` in it. */
export const linkTemplate = text(
  /^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\/[\w.~:/?#@!$&*+,;=%{}-]*\{(?:number|sha|from|to|tag)\}[\w.~:/?#@!$&*+,;=%{}-]*$/,
  'an address with {number}, {sha}, {from}, {to} or {tag} in it',
);

/** A ref name by git's own rules (`git check-ref-format`), narrowed to plain characters. */
export const branch = text(
  /^(?!.*(?:\.\.|\/\/|\.lock(?:\/|$)|\.(?:\/|$)|@\{))(?!@$)[A-Za-z0-9_](?:[A-Za-z0-9._/+-]{0,98}[A-Za-z0-9_+-])?$/,
  'a branch name of letters, digits and . _ / + -, such as main',
);

/** `{version}` exactly once; the rest as strict as a branch. `{product}` stands for the product's name. */
export const tagFormat = text(
  /^(?!.*\{version\}.*\{version\})(?!.*(?:\.\.|\/\/|\.lock(?:\/|$)))(?=.*\{version\})(?:[A-Za-z0-9_@]|\{product\}|\{version\})(?:[A-Za-z0-9._/@+-]|\{product\}|\{version\})*(?<![./])$/,
  'a tag format with {version} in it once, such as v{version} or {product}@{version}',
);

/** `stable`, or a pre-release channel, which becomes a part of versions and a dist-tag. */
export const channel = text(
  /^(?!latest$|windlass)[a-z][a-z0-9-]{0,29}$/,
  '`stable`, or the channel of a pre-release such as rc or beta (not `latest`)',
);

/** A variable for scripts. What Windlass sets itself cannot be set by configuration. */
export const variableName = text(
  /^(?!WINDLASS_)(?!(?:PATH|HOME|LANG|TMPDIR)$)[A-Za-z_][A-Za-z0-9_]{0,99}$/,
  'a variable name of letters, digits and underscores; PATH, HOME, LANG, TMPDIR and WINDLASS_* are set by Windlass',
);

/** YAML turns `2` and `true` into a number and a switch; for a variable both are texts. */
export const variableValue = z
  .union([z.string(), z.number(), z.boolean()], { error: 'a text, a number or true/false' })
  .transform(String)
  .refine((value) => !value.includes('\0') && value.length <= 8_000, {
    error: 'at most 8,000 characters, none of them NUL',
  });

/** A length of time such as `45s`, `1h30m`; becomes milliseconds. A number without unit is refused. */
export const duration = text(
  DURATION_FORM,
  'a length of time with its unit, such as 45s, 10m, 1h30m or 2d',
).transform((written) => parseDuration(written) ?? 0);

export const day = z.enum(DAYS, {
  error: 'a day of the week: mon, tue, wed, thu, fri, sat or sun',
});

export const timeOfDay = text(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "a time of day such as '16:00'");

export const date = text(/^\d{4}-\d\d-\d\d$/, 'a day such as 2026-11-20').refine(isDate, {
  error: 'a day that exists in the calendar',
});

function isDate(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(value);
}

export const localDateTime = text(
  /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d$/,
  'a local time such as 2026-12-20T18:00',
).refine((value) => isDate(value.slice(0, 10)), { error: 'a day that exists in the calendar' });

/** ISO 8601 with a zone: an instant. */
export const instant = text(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/,
  'a time with its zone such as 2027-01-31T00:00:00Z',
).refine((value) => Number.isFinite(Date.parse(value)), { error: 'a time that exists' });

export const timeZone = text(/^[A-Za-z0-9_+/-]{1,60}$/, 'an IANA time zone such as Europe/Berlin').refine(
  isTimeZone,
  { error: 'an IANA time zone that this machine knows, such as Europe/Berlin' },
);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A label of an issue on the host. */
export const label = text(/^(?! )[^\p{Cc}\p{Cf},]{1,50}(?<! )$/u, 'a label (one line, no comma)');

/** An argument of a script: handed over as it is, never through a shell. */
export const argument = text(/^[^\0\r\n]{0,1000}$/, 'an argument of one line');

/** A query or pattern of one line. */
export const query = text(/^[^\0]{1,4000}$/, 'a query (at most 4,000 characters)');

/** A regular expression that this Node can compile. */
export const regularExpression = text(/^[^\0\r\n]{1,300}$/, 'a regular expression').refine(
  isRegularExpression,
  {
    error: 'a regular expression that can be compiled',
  },
);

function isRegularExpression(value: string): boolean {
  try {
    new RegExp(value, 'u');
    return true;
  } catch {
    return false;
  }
}

/** Says in the JSON Schema too that exactly one of some keys must be there. */
export function exactlyOneOf<T extends z.ZodObject>(object: T, keys: string[]) {
  return object
    .refine(
      (value) => keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined).length === 1,
      {
        error: `exactly one of ${keys.join(', ')}`,
      },
    )
    .meta({ oneOf: keys.map((key) => ({ required: [key] })) });
}
