/** Seeded randomness for the simulations: the same seed gives the same traffic on every machine. */

/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/** mulberry32 (Tommy Ettinger): 32 bits of state, good enough for simulated traffic. */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal number (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A Poisson number: by exponential gaps for small means, by halving (a sum of two) for large ones. */
export function poisson(random: Random, mean: number): number {
  if (mean > 60) return poisson(random, mean / 2) + poisson(random, mean / 2);
  let events = -1;
  let used = 0;
  while (used <= mean) {
    events++;
    used -= Math.log(1 - random());
  }
  return events;
}

/** How many of `trials` happen, each with `chance`: by geometric gaps. */
export function binomial(random: Random, trials: number, chance: number): number {
  if (chance <= 0) return 0;
  if (chance >= 1) return trials;
  const step = Math.log1p(-chance);
  let hits = 0;
  for (let at = gap(random, step); at < trials; at += 1 + gap(random, step)) hits++;
  return hits;
}

function gap(random: Random, step: number): number {
  return Math.floor(Math.log(1 - random()) / step);
}
