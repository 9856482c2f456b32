/** What kind of trouble git had, as far as its words tell. */
export type GitTrouble =
  /** The other side could not be reached, or was too busy; nothing was sent. */
  | 'unavailable'
  /** The credential is missing, wrong, expired or without the right. */
  | 'auth'
  /** The repository is not there, or not for this credential to see. */
  | 'no-repository'
  /** The server refuses the change itself: protected branch or tag, a hook. */
  | 'refused'
  /** The connection broke on the way: what was sent may have arrived. */
  | 'broken-off'
  | 'timeout'
  | 'failed';

/** git ended with an error. Message and stderr are free of credentials. */
export class GitFailed extends Error {
  override readonly name: string = 'GitFailed';
  readonly trouble: GitTrouble;
  /** The arguments, without configuration. */
  readonly command: string;
  readonly exitCode: number | null;
  /** What git or the server said. */
  readonly stderr: string;

  constructor(message: string, details: Pick<GitFailed, 'trouble' | 'command' | 'exitCode' | 'stderr'>) {
    super(message);
    this.trouble = details.trouble;
    this.command = details.command;
    this.exitCode = details.exitCode;
    this.stderr = details.stderr;
  }
}

/** A change was sent to a remote and nobody knows whether it arrived. Read the ref again before anything is repeated. */
export class GitUnknownOutcome extends GitFailed {
  override readonly name = 'GitUnknownOutcome';
  readonly ref: string;

  constructor(ref: string, cause: GitFailed) {
    super(
      `The connection broke while ${ref} was being changed; whether it was is unknown. Read it again before anything is repeated. ${cause.message}`,
      cause,
    );
    this.ref = ref;
  }
}

/** A mistake in what was asked, or in the state of the repository, told in sentences for people. */
export class HistoryError extends Error {
  override name = 'HistoryError';
}

/** Something that should be a ref, a commit, a path or an address is none. Nothing was run. */
export class GitNameRefused extends Error {
  override readonly name = 'GitNameRefused';
}

/** A ref or commit that does not exist in the repository. */
export class GitRefMissing extends Error {
  override readonly name = 'GitRefMissing';
  readonly ref: string;

  constructor(ref: string, repository: string) {
    super(
      `${ref} does not exist in ${repository}. Nothing was changed. Check the name, or fetch again if it is new.`,
    );
    this.ref = ref;
  }
}

/** A commit whose submodules or large files are not there: what would be built lacks them. */
export class GitContentMissing extends Error {
  override readonly name = 'GitContentMissing';
  readonly retryable = false;
  readonly outcome = 'unchanged';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

const SIGNS: readonly [GitTrouble, RegExp][] = [
  [
    'auth',
    /authentication failed|could not read (username|password)|invalid (username|credentials)|permission (to .* )?denied|returned error: 40[13]|host key verification failed|terminal prompts disabled/i,
  ],
  ['no-repository', /repository .*not found|does not appear to be a git repository|returned error: 404/i],
  [
    'refused',
    /hook declined|protected branch|gh0\d\d|push declined|remote rejected|denied by|deny (updating|deleting|current)|not permitted/i,
  ],
  [
    'broken-off',
    /hung up|early eof|rpc failed|connection (was )?(reset|closed)|broken pipe|unexpected disconnect|operation too slow|empty reply|unable to rewind|transfer closed|gnutls|ssl_(read|write)|ssl connection/i,
  ],
  [
    'unavailable',
    /\.lock': File exists|could not resolve (host|proxy)|connection refused|failed to connect|couldn't connect|network is unreachable|no route to host|returned error: (429|5\d\d)|connection timed out/i,
  ],
];

/** Reads git's words (LC_ALL=C). Unknown words are 'failed'. */
export function classifyTrouble(stderr: string): GitTrouble {
  return SIGNS.find(([, sign]) => sign.test(stderr))?.[0] ?? 'failed';
}
