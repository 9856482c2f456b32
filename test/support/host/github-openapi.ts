import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';

interface Operation {
  parameters?: Reference<Parameter>[];
  requestBody?: { content?: Record<string, { schema?: object }> };
  responses: Record<string, Reference<{ content?: Record<string, { schema?: object }> }>>;
}
interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: object;
}
type Reference<T> = T | { $ref: string };

/** One exchange, as the fake saw it. `body` is the parsed JSON, or undefined. */
export interface Exchange {
  method: string;
  pathname: string;
  query: URLSearchParams;
  requestBody: unknown;
  status: number;
  responseBody: unknown;
}

/** Checks exchanges against GitHub's own OpenAPI description. */
export interface GitHubDescription {
  /** What GitHub would not understand in the request; empty if nothing. */
  checkRequest(exchange: Exchange): string[];
  /** In what the answer differs from GitHub's; empty if in nothing. */
  checkResponse(exchange: Exchange): string[];
}

const FILE = new URL('../../../node_modules/@octokit/openapi/generated/api.github.com.json', import.meta.url);

/** Reads the description (13 MB; about half a second). */
export function loadGitHubDescription(): GitHubDescription {
  const text = readFileSync(fileURLToPath(FILE), 'utf8').replaceAll(/"\$ref":\s*"#\//g, '"$ref":"gh#/');
  const description = JSON.parse(text, allowNull) as { paths: Record<string, Record<string, Operation>> };
  const options = {
    strict: false,
    validateFormats: false,
    validateSchema: false,
    allErrors: true,
    logger: false,
  };
  const exact = new Ajv({ ...options } as never).addSchema(description, 'gh');
  const coercing = new Ajv({ ...options, coerceTypes: true } as never).addSchema(description, 'gh');
  const routes = Object.entries(description.paths).map(([path, operations]) => ({
    path,
    operations,
    pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '([^/]+)')}$`),
    // `/releases/latest` goes before `/releases/{release_id}`.
    variables: path.split('{').length,
  }));
  routes.sort((a, b) => a.variables - b.variables);

  function find(exchange: Exchange): Operation | undefined {
    // RFC 9110: HEAD is GET without its content, and no description lists it.
    const method = exchange.method === 'HEAD' ? 'get' : exchange.method.toLowerCase();
    return routes.find((route) => route.pattern.test(exchange.pathname) && route.operations[method])
      ?.operations[method];
  }
  function resolve<T extends object>(value: Reference<T>): T {
    if (!('$ref' in value)) return value;
    const steps = value.$ref.replace('gh#/', '').split('/');
    return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], description) as T;
  }
  function complain(ajv: Ajv, schema: object, value: unknown, what: string): string[] {
    const check = ajv.compile(schema);
    if (check(value)) return [];
    return (check.errors ?? []).slice(0, 5).map((error) => `${what}${error.instancePath} ${error.message}`);
  }

  return {
    checkRequest: (exchange) => {
      const operation = find(exchange);
      const name = `${exchange.method} ${exchange.pathname}`;
      if (!operation) return [`${name}: no such operation`];
      const known = (operation.parameters ?? []).map(resolve).filter((parameter) => parameter.in === 'query');
      const complaints: string[] = [];
      for (const key of exchange.query.keys()) {
        if (!known.some((parameter) => parameter.name === key)) complaints.push(`query ${key} is unknown`);
      }
      for (const parameter of known) {
        const value = exchange.query.get(parameter.name);
        if (value === null && parameter.required) complaints.push(`query ${parameter.name} is missing`);
        if (value !== null) {
          const schema = { type: 'object', properties: { [parameter.name]: parameter.schema } };
          complaints.push(...complain(coercing, schema, { [parameter.name]: value }, 'query'));
        }
      }
      const schema = operation.requestBody?.content?.['application/json']?.schema;
      if (schema && exchange.requestBody !== undefined)
        complaints.push(...complain(exact, schema, exchange.requestBody, 'body'));
      return complaints.map((complaint) => `${name}: ${complaint}`);
    },
    checkResponse: (exchange) => {
      const name = `${exchange.method} ${exchange.pathname} -> ${exchange.status}`;
      const answer = find(exchange)?.responses[String(exchange.status)];
      // Not every refusal that GitHub gives is in its description.
      if (exchange.method === 'HEAD' || (!answer && exchange.status >= 400)) return [];
      if (!answer) return [`${name}: GitHub's description has no such answer`];
      const schema = resolve(answer).content?.['application/json']?.schema;
      if (!schema) return [];
      return complain(exact, schema, exchange.responseBody, 'answer').map(
        (complaint) => `${name}: ${complaint}`,
      );
    },
  };
}

/** OpenAPI's `nullable` where a JSON schema validator does not take it: without a `type`, or beside an `enum`. */
function allowNull(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('nullable' in value)) return value;
  if ('type' in value && !('enum' in value)) return value;
  const { nullable, ...schema } = value;
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}
