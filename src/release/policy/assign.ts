/**
 * Gives as many wants as possible one thing each, no thing twice: a bipartite matching by augmenting paths (Kuhn 1955).
 * Wants that come first are filled first.
 * @returns the thing of each want that has one, by the want's place
 */
export function assignEach<Want, Thing>(
  wants: readonly Want[],
  choices: (want: Want) => readonly Thing[],
): Map<number, Thing> {
  const takenBy = new Map<Thing, number>();
  const offered = wants.map(choices);
  const give = (place: number, tried: Set<Thing>): boolean =>
    (offered[place] ?? []).some((thing) => {
      if (tried.has(thing)) return false;
      tried.add(thing);
      const holder = takenBy.get(thing);
      if (holder !== undefined && !give(holder, tried)) return false;
      takenBy.set(thing, place);
      return true;
    });
  wants.forEach((_, place) => {
    give(place, new Set());
  });
  return new Map([...takenBy].map(([thing, place]) => [place, thing]));
}
