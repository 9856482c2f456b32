/** Finds regular expressions that can run for ever on a short text, so that none gets into a release. */
import { createRequire } from 'node:module';
import { cpuUsage } from 'node:process';
import { runInNewContext } from 'node:vm';

/** Longer than any search in a subject should take, in milliseconds; what runs for ever runs for years. */
const PATIENCE_MS = 100;
/** Repetitions that turn an ambiguity into trillions of ways. */
const PUMPED = 48;

/**
 * The part of an expression whose time doubles with every character, or null. Repetitions inside repetitions are found
 * by analysis (scslre); alternatives that can say the same in two ways, which it leaves out, by trying.
 *
 * @param source an expression that compiles
 */
export function findEndlessPart(source: string): string | null {
  // A bound above a handful is as bad as none.
  const unbounded = source.replace(/\{\d*,(?:\d{2,})?\}/g, '*');
  return findNested(unbounded) ?? findAmbiguous(unbounded);
}

function findNested(source: string): string | null {
  // Needed by few configurations, and 2 MB of code: only loaded where there is an expression.
  const { analyse } = createRequire(import.meta.url)('scslre') as typeof import('scslre');
  const { reports } = analyse({ source, flags: 'iu' });
  const worst = reports.find(({ exponential }) => exponential);
  if (worst === undefined) return null;
  return worst.type === 'Trade' ? worst.startQuant.raw : worst.quant.raw;
}

/** `(a|aa)+`: tried with words that the alternatives are made of. */
function findAmbiguous(source: string): string | null {
  for (const [whole, inner = ''] of source.matchAll(/\((?:\?:|\?<\w+>)?([^()]*\|[^()]*)\)[*+]/g)) {
    const words = inner.split('|').map((word) => word.replace(/\\(?=\W)|[*+?]/g, ''));
    const pumps = words.flatMap((one) => words.map((other) => one + other)).filter((word) => word !== '');
    for (const pump of pumps.slice(0, 64)) {
      const text = `${pump.repeat(PUMPED)}\u0000`;
      if (runsForEver(`^(?:${inner})+$`, text)) return whole;
    }
  }
  return null;
}

/** By the processor's time, not the clock's: a machine that is busy with other things makes no expression worse. */
function runsForEver(source: string, text: string): boolean {
  const before = cpuUsage();
  do {
    try {
      runInNewContext('new RegExp(source, "iu").test(text)', { source, text }, { timeout: PATIENCE_MS });
      return false;
    } catch (error) {
      // The alternatives alone may be no expression; then there is nothing to try.
      if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    }
  } while (cpuUsage(before).user < PATIENCE_MS * 1_000);
  return true;
}
