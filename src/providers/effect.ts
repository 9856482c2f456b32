/** How an outside thing stands, seen from this release. */
export type Standing<Value> =
  /** Not as it should be yet; nobody else's either. */
  | { is: 'absent' }
  /** As this release wants it. `proof` is a digest, an id or an address that anybody can check. */
  | { is: 'ours'; value: Value; proof: string }
  /** Somebody else's. A person must see both sides. */
  | { is: 'foreign'; ours: string; theirs: string; next?: string };

/** One outside change in the terms of the recipe; a provider describes it, `performEffect` does it. */
export interface EffectSpec<Value, Name extends string = string> {
  name: Name;
  /** `<release id>/<effect>/<target>`. */
  key: string;
  /** What is changed, for people. */
  target: string;
  read(): Promise<Standing<Value>>;
  /** The one conditional write. It may also find that somebody was quicker: the read after it decides. */
  write(): Promise<void>;
}
