/**
 * Times that no configuration changes, in milliseconds: how long this program waits and how often it looks, in one
 * place, so that those which depend on each other are seen together. What `windlass.yaml` can say is in
 * `default-times.ts`.
 */
import { DAY_MS } from '../duration.ts';

/** How far the clocks of two machines of an installation, or of Temporal's server, may differ. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** The API and its pages. */
export const API_MS = {
  /** For so long a copy of the API believes that a session goes on, before it looks again. */
  endedSession: 5_000,
  /** A question to the identity provider. */
  identityProvider: 5_000,
  /** By how much its clock may be off. */
  clockTolerance: 30_000,
  /** How long somebody may take at the provider. */
  signIn: 10 * 60_000,
  /** Then a person signs in again. */
  session: 12 * 60 * 60_000,
  /** For so long a link signs somebody in. */
  link: 5 * 60_000,
  /** A command that was just taken by Temporal, but not by the workflow yet, stands for so long. */
  onItsWay: 60_000,
  /** GitHub lets people redeliver for three days; whoever sends a key once more after a week means something new. */
  requestKey: 7 * 24 * 60 * 60_000,
  /** A release waits for its time at most this long: by then its approvals are old news. */
  latestStart: 90 * DAY_MS,
  /** The longest that a window is lengthened at once. */
  longestExtension: 7 * 24 * 60 * 60_000,
  /** A release that ended in the window may have begun before it. */
  longestRelease: 60 * DAY_MS,
  /** The longest window that somebody may ask for. */
  longestWindow: 30 * 24 * 60 * 60_000,
  /** How long Temporal may take. */
  call: 8_000,
  /** How long a worker that must answer a query may take. */
  query: 10_000,
  /** Archiving a record takes a moment; whoever waits for longer is told that it is in flight. */
  closing: 10_000,
  /** The server answers a long poll with nothing after some 20 s; this is for one that is gone. */
  longPoll: 60_000,
  /** A burst of events is one change. */
  settle: 100,
  /** Whether a release that has ended is started again is looked at this often. */
  closedPause: 3_000,
  /** After a failure a watch asks again, ever more rarely. */
  firstRetry: 500,
  lastRetry: 10_000,
  /** A request that does not come to its end. */
  request: 30_000,
  /** An open page hears that it is still connected. */
  heartbeat: 15_000,
};

/** Temporal’s server and the way to it. */
export const TEMPORAL_MS = {
  /** To a server, before it counts as away. */
  connect: 4_000,
  /** To a server of this machine that is being started. */
  connectHere: 2_000,
  /** PostgreSQL-backed servers accept a new attribute 2 to 3 s after its creation. */
  searchAttributes: 20_000,
  /** Building the server from its source, and how often is told that it goes on. */
  build: 45 * 60_000,
  buildProgress: 5_000,
  /** How long the SDK's own download may take: a good line needs a few seconds, and a build is the way out. */
  download: 20_000,
  /** How long a server of a killed owner is given to end: its watcher sees the death at once, then asks politely. */
  takeover: 15_000,
  /** What a program of this machine says of itself: a version, a process's command. */
  version: 10_000,
  processes: 5_000,
  goVersion: 20_000,
};

/** The processes that work. */
export const WORKER_MS = {
  /** Of an activity that says nothing else, between two beats. */
  heartbeat: 10_000,
  /** The time that a first look covers: what monitoring's shortest interval would see. */
  lookAtChecks: 60_000,
  /** Checks are looked at side by side, each with a limit of its own; this ends what keeps to none. */
  allChecks: 120_000,
  /** A registry that does not answer keeps nobody waiting for longer. */
  lookAtPublication: 120_000,
  /** For activities to end when a worker is asked to stop. */
  grace: 5_000,
};

/** Workflows. A running one replays with the values of the code that it meets: change one as an order of commands. */
export const FLOW_MS = {
  /** A configuration that was refused is asked for again, ever later; in between the server repeats it. */
  configuredFirst: 5_000,
  configuredRarest: 60_000,
  /** Between two journeys of a customer. */
  smokeAgain: 3_000,
  /** A host that is away is waited for no longer than this at the end. */
  showOnHost: 60_000,
  /** Rules that change are seen within a minute. */
  calendar: 30_000,
  /** Whether the holder of an environment still lives: the first look, and those after it. */
  holderSoon: 10_000,
  holder: 60_000,
  /** Whether there is room for a hotfix, looked at ever more rarely. */
  preemptFirst: 1_000,
  preemptRarest: 30_000,
  /** Somebody waits at a command line. */
  preflightAsked: 20_000,
  /** Between two looks of runs that began before the pace was measured by the wait. */
  mergeFirst: 2_000,
  mergeRarest: 5 * 60_000,
  /** Workers that are being replaced are back by then. */
  preflightOfRelease: 120_000,
  /** Between two looks at the old version after going back. */
  goingBack: 2_000,
};
