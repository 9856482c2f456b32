/**
 * Deals requests out by weight, exactly and evenly (smooth weighted round robin, as nginx does it): with 90 and
 * 10, each ten requests in a row hold nine of the one and one of the other.
 * @template {string} Name
 * @returns {{ next: (weights: { name: Name, weight: number }[]) => Name | undefined }}
 */
export function createShares() {
  /** @type {Map<Name, number>} */
  const credit = new Map();
  let lastWeights = '';
  return {
    next(weights) {
      const shape = weights.map(({ name, weight }) => `${name}=${weight}`).join();
      if (shape !== lastWeights) credit.clear();
      lastWeights = shape;

      const total = weights.reduce((sum, { weight }) => sum + weight, 0);
      /** @type {Name | undefined} */
      let chosen;
      for (const { name, weight } of weights) {
        if (weight <= 0) continue;
        credit.set(name, (credit.get(name) ?? 0) + weight);
        if (chosen === undefined || (credit.get(name) ?? 0) > (credit.get(chosen) ?? 0)) chosen = name;
      }
      if (chosen !== undefined) credit.set(chosen, (credit.get(chosen) ?? 0) - total);
      return chosen;
    },
  };
}
