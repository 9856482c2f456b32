/** What follows which manifest. One more ecosystem is a file of its own and a line here. */
import { followCargo } from './cargo.ts';
import type { Follower } from './follower.ts';
import { followMaven } from './maven.ts';
import { followNpm } from './npm.ts';
import { followPython } from './python.ts';

export const FOLLOWERS: readonly Follower[] = [followNpm, followPython, followCargo, followMaven];
