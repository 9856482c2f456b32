// What every deployment script here shares: the facts that it is given, the supervisor's control API, its output.
import { writeFileSync } from 'node:fs';

/**
 * Runs a script: its result goes to the file named by WINDLASS_OUTPUT and, in short, to the log. A mistake ends
 * it with exit code 1 and a message for people.
 * @param {string} name
 * @param {() => Promise<Record<string, unknown>>} work
 */
export async function runScript(name, work) {
  try {
    const output = await work();
    if (process.env.WINDLASS_OUTPUT)
      writeFileSync(process.env.WINDLASS_OUTPUT, `${JSON.stringify(output)}\n`);
    console.log(`${name}: ${JSON.stringify(output)}`);
  } catch (error) {
    console.error(`${name} failed: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

/**
 * A fact that the script cannot do without.
 * @param {string} name of the variable
 * @returns {string}
 */
export function fact(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

/**
 * A fact that may be absent.
 * @param {string} name of the variable
 * @returns {string | undefined}
 */
export function optionalFact(name) {
  return process.env[name] || undefined;
}

/**
 * A fact that is a number, if it is there.
 * @param {string} name of the variable
 * @returns {number | undefined}
 */
export function optionalNumber(name) {
  const value = optionalFact(name);
  return value === undefined ? undefined : Number(value);
}

/** What names the effect, so that the supervisor does it once, and for the holder of the lease only. */
export function fence() {
  return { effectKey: fact('WINDLASS_EFFECT_KEY'), generation: Number(fact('WINDLASS_GENERATION')) };
}

/** The release that a script is about; the artifact is what the gates have tested. */
export function release() {
  return {
    version: fact('WINDLASS_VERSION'),
    artifact: optionalFact('WINDLASS_ARTIFACT'),
    digest: optionalFact('WINDLASS_ARTIFACT_DIGEST'),
  };
}

/**
 * Asks the environment's supervisor (SHOP_SUPERVISOR) to do something, or for something when there is no body.
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 * @returns {Promise<any>}
 */
export async function askSupervisor(path, body) {
  const url = new URL(path, fact('SHOP_SUPERVISOR'));
  const token = optionalFact('SHOP_CONTROL_TOKEN');
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error) => {
    const why = error.cause?.code ?? error.message;
    throw new Error(
      `The supervisor at ${url.origin} does not answer (${why}). Is it running? Trying again is safe.`,
    );
  });
  const answer = /** @type {any} */ (await response.json());
  if (!response.ok) throw new Error(`The supervisor refused (${response.status}): ${answer.error}`);
  return answer;
}
