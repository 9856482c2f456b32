import { OutsideFailure } from '../../integrations/failure.ts';

/** A registry holds other bytes than this release made: never gone past without a person. */
export class RegistryConflict extends OutsideFailure {
  override readonly name = 'RegistryConflict';
  readonly conflict = true;

  constructor(happened: string, advice: string) {
    super(
      { happened, outcome: 'unchanged', retryable: false, advice },
      { unchanged: 'Nothing was changed by this step.', unknown: '' },
    );
  }
}

/** A mistake of configuration or build, found before anything was sent. */
export class RegistryMistake extends OutsideFailure {
  override readonly name = 'RegistryMistake';

  constructor(happened: string, advice: string) {
    super(
      { happened, outcome: 'unchanged', retryable: false, advice },
      { unchanged: 'Nothing was changed.', unknown: '' },
    );
  }
}
